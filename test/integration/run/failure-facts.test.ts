import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, onTestFinished } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import { test } from '../../support/environment.ts';
import { startWorkerProcess } from '../../support/worker/worker-process.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test('a failed activity carries its facts, its cause and the stack of the throw', async ({
  environment: { client, config, env, newId, newTopic },
}) => {
  const films = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);
  const text = ['budget,imdb_score', ...films, '1,é'].join('\n');
  await writeFile(join(directoryOf(config.data), 'corrupt.csv'), Buffer.from(text, 'latin1'));
  const worker = await startWorkerProcess(env);
  onTestFinished(() => worker.kill());

  const error: unknown = await client.workflow
    .execute(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
      args: [{ dataset: { path: 'corrupt.csv' }, topic: newTopic() }],
    })
    .catch((reason: unknown) => reason);

  const failure = ((error as WorkflowFailedError).cause as Error).cause as ApplicationFailure;
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({
    type: 'DatasetError',
    nonRetryable: false,
    details: [
      {
        what: 'not a CSV',
        where: 'corrupt.csv:62',
        expected: 'utf-8 text',
        got: expect.stringMatching(/^another encoding: 0xe9 at byte \d+ is no character$/) as string,
        hint: expect.stringContaining('set dataset.encoding') as string,
      },
      { from: expect.any(String) as string, to: expect.any(String) as string },
    ],
  });
  // The error of the decoder.
  expect(failure.cause).toBeInstanceOf(Error);

  const [, path = '', line = ''] = /(src\/[\w/-]+\.ts):(\d+)/.exec(failure.stack ?? '') ?? [];
  expect(path).toBe('src/adapters/csv/thread/read-table.ts');
  const source = await readFile(join(ROOT, path), 'utf8');
  expect(source.split('\n')[Number(line) - 1]).toContain('new DatasetError');
});
