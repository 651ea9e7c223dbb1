import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { expect } from 'vitest';
import { UsageError } from '../../../../src/cli/shared/exit.ts';
import { fetchFinishedRun, type FindRunModel, type FinishedRun } from '../../../../src/cli/models/run.ts';
import { openModel } from '../../../../src/cli/models/source.ts';
import { modelBytes, modelHeader } from '../../../support/unit/model-file.ts';
import { INTERVALS } from '../../../support/unit/report-data.ts';
import { test } from '../../../support/unit/temp-dir.ts';
import { sha256Of } from '../../../support/unit/forest.ts';

const BYTES = modelBytes();
const RUN: FinishedRun = {
  run: 'nightly/1',
  report: { uri: 'runs/nightly/1/report.json', sha256: '0'.repeat(64), bytes: 1, rows: 1 },
  model: {
    version: sha256Of(BYTES).slice(0, 12),
    artifact: { uri: 'runs/nightly/1/model.model', sha256: sha256Of(BYTES), bytes: BYTES.length, rows: 2 },
    ...modelHeader(),
  },
  metrics: { batch: { rmse: 0.7, mae: 0.5, r2: 0.5 }, stream: null },
  quality: {
    outOfBag: null,
    importances: [],
    learning: [],
    intervals: INTERVALS,
    permutationImportances: [],
  },
};

const noServer: FindRunModel = async () => ({ reason: 'no Temporal server at x:1', cause: undefined });

test('a file is opened without asking a server, also when a run has its name', async ({ dir }) => {
  const file = join(dir, 'nightly');
  await writeFile(file, BYTES);

  const model = await openModel(file, () => Promise.reject(new Error('asked')));

  expect(model).toMatchObject({
    where: file,
    bytes: BYTES.length,
    sha256: sha256Of(BYTES),
    version: sha256Of(BYTES).slice(0, 12),
    header: { target: 'imdb_score', trainingRows: 1234 },
    forest: { trees: 2, nodeCount: 6 },
  });
  expect(model.run).toBeUndefined();
});

test('a name that is not a file is used as the workflow id of a run', async () => {
  const asked: string[] = [];
  const model = await openModel('nightly/2026', async (workflowId) => {
    asked.push(workflowId);
    return { run: RUN, bytes: BYTES };
  });

  expect(asked).toEqual(['nightly/2026']);
  expect(model).toMatchObject({
    where: 'runs/nightly/1/model.model',
    run: { workflowId: 'nightly/2026', metrics: { batch: { rmse: 0.7 } } },
    forest: { trees: 2 },
  });
});

test.for<[string, string, string]>([
  ['an unknown name', 'nope', 'there is no such file'],
  ['a workflow id too long for a path', 'x'.repeat(1_000), 'there is no such file'],
  ['a workflow id that is not a valid path', 'a\0b', 'there is no such file'],
])('%s is refused with both reasons', async ([, name, reason]) => {
  const opening = openModel(name, noServer);

  await expect(opening).rejects.toThrow(UsageError);
  await expect(opening).rejects.toThrow(
    `no model ${JSON.stringify(name)}: expected a .model file or the workflow id of a finished run, ` +
      `but ${reason}, and no Temporal server at x:1`,
  );
});

test('a directory is refused as a directory', async ({ dir }) => {
  await mkdir(join(dir, 'models'));

  await expect(openModel(join(dir, 'models'), noServer)).rejects.toThrow('as a path it is a directory');
});

/** Only the methods of the client that the command calls. */
function clientOf(type: string, status: string): Pick<Client, 'workflow'> {
  const handle = { describe: async () => ({ type, status: { name: status } }), result: async () => RUN };
  return { workflow: { getHandle: () => handle } } as unknown as Pick<Client, 'workflow'>;
}

test('the model of a finished run is in its result', async () => {
  expect(await fetchFinishedRun(clientOf('ratingPipeline', 'COMPLETED'), 'nightly')).toBe(RUN);
});

test.for(['RUNNING', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'])(
  'a run that is %s is refused at once, with what to do',
  async (status) => {
    const fetching = fetchFinishedRun(clientOf('ratingPipeline', status), 'nightly');

    await expect(fetching).rejects.toThrow(UsageError);
    await expect(fetching).rejects.toThrow(
      `no model in "nightly": expected a finished run, got one that is ${status.toLowerCase().replace('_', ' ')}`,
    );
  },
);

test('a run of another workflow is refused by name', async () => {
  await expect(fetchFinishedRun(clientOf('scoreStream', 'COMPLETED'), 'nightly/stream')).rejects.toThrow(
    'expected a run of ratingPipeline, got one of scoreStream',
  );
});
