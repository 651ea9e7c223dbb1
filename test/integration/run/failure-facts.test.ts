import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { expect, onTestFinished } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import { test } from '../../support/environment.ts';
import { startWorkerProcess } from '../../support/worker/worker-process.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

test('a failed activity carries its facts, its cause and the stack of the throw', async ({
  environment: { client, config, env, newId, newTopic, writeCsv },
}) => {
  const films = Array.from({ length: 60 }, (_, i) => `${i * 1_000},${(i % 90) / 10 + 1}`);
  await writeCsv(
    'corrupt.csv',
    ['budget,imdb_score', ...films, ...Array<string>(15).fill('x'), '1,2'].join('\n'),
  );
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
        what: 'the CSV is malformed',
        where: 'corrupt.csv lines 62–76',
        expected: '2 cells, as in the header',
        got: '1',
        hint: 'Correct the file; nothing was published',
      },
      { from: expect.any(String) as string, to: expect.any(String) as string },
    ],
  });
  // The error of danfo.
  expect(failure.cause).toBeInstanceOf(Error);

  const [, path = '', line = ''] = /(src\/[\w/-]+\.ts):(\d+)/.exec(failure.stack ?? '') ?? [];
  expect(path).toBe('src/adapters/csv/problems.ts');
  const source = await readFile(join(ROOT, path), 'utf8');
  expect(source.split('\n')[Number(line) - 1]).toContain('new DatasetError');
});
