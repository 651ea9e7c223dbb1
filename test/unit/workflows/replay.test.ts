import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileOnce } from '../../../src/worker/workflow-bundle.ts';

const HISTORIES = new URL('../../histories/', import.meta.url);
const files = (await readdir(HISTORIES, { recursive: true })).filter((file) => file.endsWith('.json'));
/** Of the files of each release, in the order of their names. They never change: runs like them may be in progress. */
const RELEASED = {
  '1.0': 'a9fef5f8f15fd7b8b0ef85b63f66fb4ce10ac29f874e273d6b7b749a0124e652',
};
const quiet = new DefaultLogger('ERROR');

interface RecordedHistory {
  readonly events: readonly {
    readonly workflowExecutionStartedEventAttributes?: { readonly workflowId: string };
  }[];
}

let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  Runtime.install({ logger: quiet });
  workflowBundle = await compileOnce(quiet);
});

describe('today’s workflow code', () => {
  test('is tested against a success, a failure and a worker crash', () => {
    const recorded = ['success.json', 'failure.json', 'crash.json'].map((file) => `1.0/${file}`);
    expect(files).toEqual(expect.arrayContaining(recorded));
  });

  test.for(Object.entries(RELEASED))('keeps the histories of %s as they were', async ([release, sha256]) => {
    const hash = createHash('sha256');
    for (const file of files.filter((name) => name.startsWith(`${release}/`)).sort())
      hash.update(await readFile(new URL(file, HISTORIES)));
    expect(hash.digest('hex')).toBe(sha256);
  });

  test.for(files)('replays the recorded history %s', async (file) => {
    const history = JSON.parse(await readFile(new URL(file, HISTORIES), 'utf8')) as RecordedHistory;
    // The children's ids derive from their parent's.
    const { workflowId } = history.events[0]?.workflowExecutionStartedEventAttributes ?? {};
    await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
  });

  test('has no vendor code in its bundle, only the domain, zod and the Temporal SDK', () => {
    const packages = new Set(
      [...workflowBundle.code.matchAll(/node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(([, name]) => name),
    );
    const sources = new Set(
      [...workflowBundle.code.matchAll(/\.\/src\/([\w-]+)\//g)].map(([, folder]) => folder),
    );

    expect([...packages].filter((name) => !name?.startsWith('@temporalio/')).sort()).toEqual([
      'long',
      'ms',
      'nexus-rpc',
      'zod',
    ]);
    expect([...sources].sort()).toEqual(['domain', 'workflows']);
  });
});
