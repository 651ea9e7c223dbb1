import { createHash } from 'node:crypto';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { expect } from 'vitest';
import { describeFailure } from '../../../src/cli/shared/failures.ts';
import { workflowType } from '../../../src/domain/names.ts';
import { IS_STORE_ON_S3, test as base, type TestEnvironment } from '../../support/environment.ts';
import { knownOf } from '../../support/known-workflow.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const SECRET = 'hunter2';
const SHA256 = createHash('sha256').update(SECRET).digest('hex');

/** Starts a stream whose model is such a file. @returns how it failed, with its whole history as text */
async function scoreWith({ client, config, newId, newTopic }: TestEnvironment, uri: string) {
  const artifact = { uri, sha256: '0'.repeat(64), bytes: SECRET.length, rows: 1 };
  const handle = await client.workflow.start(workflowType.scoreStream, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), model: { version: 'any', artifact } }],
  });
  const error: unknown = await handle.result().catch((cause: unknown) => cause);
  const failure = error instanceof WorkflowFailedError ? describeFailure(error) : undefined;
  return { ...failure, history: await knownOf(handle) };
}

const test = base.extend('links', { scope: 'file' }, async ({ environment: { config } }) => {
  await mkdir(directoryOf(config.artifacts), { recursive: true });
  await writeFile(join(directoryOf(config.artifacts), '..', 'secret.model'), SECRET);
  await symlink('../secret.model', join(directoryOf(config.artifacts), 'there.model'));
  await symlink('../nothing.model', join(directoryOf(config.artifacts), 'missing.model'));
  await symlink('/dev/zero', join(directoryOf(config.artifacts), 'device.model'));
});

// A bucket has no links.
test
  .skipIf(IS_STORE_ON_S3)
  .for([
    '../secret.model',
    '../nothing.model',
    '/etc/passwd',
    'there.model',
    'missing.model',
    'device.model',
  ])(
  'a stream with a model outside fails at once, and does not say what is there: %s',
  async (uri, { environment, worker: _worker, links: _links }) => {
    const { type, message = '', history } = await scoreWith(environment, uri);

    expect(type).toBe('InvalidInput');
    expect(message.replaceAll(uri, 'URI')).toMatch(
      uri.endsWith('.model') && !uri.startsWith('..')
        ? /^artifact\.uri names no artifact \[URI\]: expected a file inside ARTIFACT_STORE/
        : /model\.artifact\.uri: expected a path inside the artifact store/,
    );
    expect(history).not.toContain(SHA256);
    expect(history).not.toContain(SECRET);
  },
);
