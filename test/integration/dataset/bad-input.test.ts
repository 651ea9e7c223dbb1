import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { describe, expect } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import { FEW_ROWS } from '../../support/environment.ts';
import { existingTopics } from '../../support/log/create-topics.ts';
import { test as base } from '../../support/log/record-log.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const HEADER = 'title,budget,imdb_score';
const FILMS = Array.from(
  { length: 60 },
  (_, i) => `film ${i},${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`,
);

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'good.csv': [HEADER, ...FILMS].join('\n'),
  'empty.csv': '',
  'header-only.csv': `${HEADER}\n`,
  'ragged.csv': [HEADER, 'film 1,1000,5', 'film 2,2000', 'film 3,3000,7,8'].join('\n'),
  'twice.csv': ['budget,imdb_score,imdb_score', '1,2,3'].join('\n'),
  'binary.csv': Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 0x00, 0x00, 0xff]),
  'latin1.csv': Buffer.from([HEADER, 'Amélie,1000,8.3'].join('\n'), 'latin1'),
  'text-only.csv': ['title,imdb_score', ...FILMS.map((_, i) => `film ${i},${i % 9}`)].join('\n'),
  'all-dropped.csv': [HEADER, ...FILMS.map((_, i) => `film ${i},${i},`)].join('\n'),
  'three-rows.csv': [HEADER, ...FILMS.slice(0, 3)].join('\n'),
};

/** The worker that runs all of these, with the files in its data directory and one outside. */
const test = base.extend(
  'files',
  { scope: 'file' },
  async ({ environment, worker: _worker }, { onCleanup }) => {
    const dataDir = directoryOf(environment.config.data);
    const elsewhere = await mkdtemp(join(tmpdir(), 'imdb-elsewhere-'));
    onCleanup(() => rm(elsewhere, { recursive: true }));
    await writeFile(join(elsewhere, 'films.csv'), FILES['good.csv'] ?? '');
    await symlink(join(elsewhere, 'films.csv'), join(dataDir, 'link.csv'));
    for (const [name, content] of Object.entries(FILES)) await writeFile(join(dataDir, name), content);
    return { outside: join(elsewhere, 'films.csv') };
  },
);

const dataset = (path: string, more: object = {}) => ({ dataset: { path, ...more } });

const WRONG_INPUTS: readonly (readonly [what: string, input: unknown, message: string])[] = [
  ['a text', 'movies.csv', 'input: Invalid input: expected object, received string (got "movies.csv")'],
  ['a number', 5, 'input: Invalid input: expected object, received number (got 5)'],
  ['a list', [], 'input: Invalid input: expected object, received array (got [])'],
  [
    'an unknown field',
    { tpoic: 'a1' },
    'input: unknown field "tpoic", expected some of dataset, quality, split, topic',
  ],
  [
    'an unknown field further down',
    { forest: { tree: 5 } },
    'forest: unknown field "tree", expected some of engine, trees',
  ],
  [
    'a wrong type',
    { forest: { trees: 'ten' } },
    'forest.trees: Invalid input: expected number, received string (got "ten")',
  ],
  [
    'a number out of range',
    { stream: { inFlight: 0 } },
    'stream.inFlight: Too small: expected number to be >=1 (got 0)',
  ],
  [
    'fractions that do not add up',
    { split: { train: 0.8, batch: 0.3, stream: 0.1 } },
    'split: train + batch + stream add up to 1.2, expected 1',
  ],
  ['a topic name that Kafka refuses', { topic: 'bad topic!' }, 'topic: Kafka allows letters, digits'],
  ['a topic name that is too long', { topic: 'a'.repeat(240) }, 'topic: Too big: expected string to have <='],
  [
    'the target among the features',
    dataset('good.csv', { features: ['imdb_score'] }),
    'dataset.features: the target',
  ],
];

const WRONG_DATASETS: readonly (readonly [what: string, input: object, type: string, message: string])[] = [
  [
    'a file that is missing',
    dataset('nowhere.csv'),
    'DatasetError',
    'no such file [nowhere.csv]: expected a CSV file',
  ],
  [
    'an empty file',
    dataset('empty.csv'),
    'DatasetError',
    'the file is empty [empty.csv]: expected a header line and rows below it, got 0 rows',
  ],
  [
    'a header without rows',
    dataset('header-only.csv'),
    'DatasetError',
    'the file has a header but no rows [header-only.csv]',
  ],
  [
    'rows with too many cells',
    dataset('ragged.csv'),
    'DatasetError',
    'too many bad rows [ragged.csv:4]: expected at most 1 % (dataset.maxBadRows), got 1 of 3 rows, the first with 4 cells instead of 3',
  ],
  [
    'a target that appears twice',
    dataset('twice.csv'),
    'DatasetError',
    'column "imdb_score" appears twice [twice.csv:1]: expected every column that the input names once',
  ],
  [
    'a binary file',
    dataset('binary.csv'),
    'DatasetError',
    'not a CSV [binary.csv:1]: expected text, got binary data',
  ],
  [
    'another encoding',
    dataset('latin1.csv'),
    'DatasetError',
    'not a CSV [latin1.csv:2]: expected utf-8 text, got another encoding',
  ],
  [
    'a missing target column',
    dataset('good.csv', { target: 'rating' }),
    'DatasetError',
    'column "rating" is missing [good.csv]: got columns title, budget, imdb_score',
  ],
  [
    'a missing feature column',
    dataset('good.csv', { features: ['gross'] }),
    'DatasetError',
    'column "gross" is missing [good.csv]',
  ],
  [
    'no numeric feature',
    dataset('text-only.csv'),
    'DatasetError',
    'no numeric feature [text-only.csv]: expected a mostly numeric column besides "imdb_score"',
  ],
  [
    'a target that is empty',
    dataset('all-dropped.csv'),
    'DatasetError',
    'column "imdb_score" cannot be read as numbers [all-dropped.csv]: expected numbers, as dataset.target names it, got 60 of 60 cells empty',
  ],
  [
    'fewer rows than the splits need',
    { ...dataset('three-rows.csv'), quality: FEW_ROWS },
    'DatasetError',
    'too few rows to split: expected at least 2 rows in each of train, batch and stream, got 3 rows',
  ],
  ['a directory', dataset('.'), 'DatasetError', 'not a file [.]: expected a CSV file, got a directory'],
  [
    'a path that climbs out',
    dataset('../good.csv'),
    'InvalidInput',
    'expected a path inside the worker’s DATA_DIR, got "../good.csv"',
  ],
  [
    'an absolute path elsewhere',
    dataset('/etc/passwd'),
    'InvalidInput',
    'expected a path inside the worker’s DATA_DIR, got "/etc/passwd"',
  ],
  [
    'a link that leads out',
    dataset('link.csv'),
    'InvalidInput',
    'expected a path inside the worker’s DATA_DIR, got "link.csv"',
  ],
];

describe('a run ends as Failed, without a retry and before anything is published, with', () => {
  test.for(WRONG_INPUTS)('%s as its input', async ([, input, message], { environment, files: _files }) => {
    const { client, config, newId } = environment;
    const workflowId = newId();

    const error = await failureOf(
      client.workflow.execute(workflowType.ratingPipeline, {
        workflowId,
        taskQueue: config.taskQueue,
        args: [input],
      }),
    );

    expect(error.cause).toBeInstanceOf(ApplicationFailure);
    expect(error.cause).toMatchObject({ type: 'InvalidInput', nonRetryable: true });
    expect(error.cause?.message).toContain(`the input of ratingPipeline is wrong: ${message}`);
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    expect(events?.filter((event) => event.activityTaskScheduledEventAttributes)).toEqual([]);
  });

  test.for(WRONG_DATASETS)('%s', async ([, input, type, message], { environment, files: _files, admin }) => {
    const { client, config, newId, newTopic } = environment;
    const workflowId = newId();
    const topic = newTopic();

    const error = await failureOf(
      client.workflow.execute(workflowType.ratingPipeline, {
        workflowId,
        taskQueue: config.taskQueue,
        args: [{ ...input, topic }],
      }),
    );

    expect(error.cause).toBeInstanceOf(ActivityFailure);
    expect(error.cause).toMatchObject({ retryState: 'NON_RETRYABLE_FAILURE' });
    const { cause } = error.cause as ActivityFailure;
    expect(cause).toBeInstanceOf(ApplicationFailure);
    expect(cause).toMatchObject({ type });
    expect(cause?.message).toContain(message);
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
    // An attempt that timed out on a busy machine may be repeated, one that failed may not.
    const started = events?.flatMap((event) => event.activityTaskStartedEventAttributes ?? []);
    expect(started?.filter(({ lastFailure }) => lastFailure?.applicationFailureInfo)).toEqual([]);
    expect(await existingTopics(admin, [topic])).toEqual([]);
  });
});

async function failureOf(run: Promise<unknown>): Promise<WorkflowFailedError> {
  const error: unknown = await run.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return error as WorkflowFailedError;
}
