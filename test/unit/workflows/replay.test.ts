import { readdir, readFile } from 'node:fs/promises';
import { DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileOnce } from '../../../src/worker/workflow-bundle.ts';

const HISTORIES = new URL('../../histories/', import.meta.url);
const files = (await readdir(HISTORIES, { recursive: true })).filter((file) => file.endsWith('.json'));
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
