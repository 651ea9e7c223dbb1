import { expect, test } from 'vitest';
import { createReconcileRun } from '../../../../src/activities/run/reconcile-run.ts';
import { createEvaluateModel } from '../../../../src/activities/training/evaluate-model.ts';
import type { LoadModel } from '../../../../src/activities/training/model-cache.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { readJson } from '../../../../src/activities/artifact-store.ts';
import { consumedSchema } from '../../../../src/domain/log/consumed-rows.ts';
import { createContentHash } from '../../../../src/domain/log/content-hash.ts';
import { createPredictionRecords } from '../../../../src/domain/log/prediction.ts';
import type { LogRecord } from '../../../../src/domain/log/record.ts';
import { permutationRows } from '../../../../src/domain/model/permutation-importance.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import { TABLE_BATCH_ROWS } from '../../../../src/domain/table.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import { createMemoryLog } from '../../../support/unit/memory-log.ts';
import { MODEL } from '../scoring/published-stream.ts';

const ROWS = 200_000;
const TURNS = Math.floor(ROWS / TABLE_BATCH_ROWS);
const encoder = new TextEncoder();

/** Counts how often the event loop comes around: each time, a heartbeat could have been sent. */
async function countTurns<T>(work: () => Promise<T>): Promise<{ result: T; turns: number }> {
  let turns = 0;
  let isDone = false;
  const turn = (): void => {
    turns += 1;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    return { result: await work(), turns };
  } finally {
    isDone = true;
  }
}

test('many rows are evaluated, a sample of them permuted, while heartbeats go on', async () => {
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const budget = Float64Array.from({ length: ROWS }, (_, row) => row % 97);
  const zeros = new Float64Array(ROWS);
  const rows = await tables.write({
    run: 'large/1',
    name: 'batch-consumed',
    schema: consumedSchema('a1', ['budget', 'duration']),
    batches: [
      {
        rows: ROWS,
        columns: [zeros, new Int32Array(ROWS), zeros, Array(ROWS).fill(null), budget, budget, zeros],
      },
    ],
  });
  const loadModel: LoadModel = async () => ({
    ...MODEL,
    features: ['budget', 'duration'],
    predictor: { predict: async ([first = new Float64Array()]) => first.map((value) => value + 1) },
  });
  const drift = {
    champion: null,
    compared: 0,
    drifted: 0,
    columns: [],
    gone: { count: 0, names: [] },
    added: { count: 0, names: [] },
  };
  const { result, turns } = await countTurns(() =>
    runActivity(createEvaluateModel({ artifacts, tables, loadModel }), {
      run: 'large/1',
      model: MODEL,
      forest: parsePipelineInput({}).forest,
      rows,
      checked: { profile: MODEL.artifact, drift, histograms: null },
    }),
  );
  const [first, second] = result.permutationImportances;

  expect(result.metrics.mae).toBeCloseTo(1, 9);
  expect([first?.feature, second]).toEqual(['budget', { feature: 'duration', mean: 0, std: 0 }]);
  // Shuffled values are as far from the actual ones as twice the variance.
  expect(first?.mean).toBeCloseTo(2, 1);
  expect(await readJson(artifacts, result.card)).toMatchObject({ permutationRows: permutationRows(2) });
  expect(turns).toBeGreaterThan(TURNS);
});

test('many predictions are reconciled in row order while heartbeats go on', async () => {
  const tables = createArrowTables(createMemoryArtifacts());
  const recordOf = createPredictionRecords({ run: 'large/1', topic: 'a1', modelVersion: 'cafe' });
  const hash = createContentHash();
  const records: LogRecord[] = [];
  for (let offset = 0; offset < ROWS; offset += 1) {
    // Every row once, far from its neighbours.
    const rowId = (offset * 7_919) % ROWS;
    const prediction = { rowId, prediction: 6, actual: 5, partition: 0, offset };
    const { value, headers } = recordOf(null, prediction);
    const record = {
      partition: 0,
      offset,
      timestamp: '0',
      key: encoder.encode(`k${rowId}`),
      value: (value as Uint8Array).slice(),
      headers: headers as LogRecord['headers'],
    };
    hash.add(record);
    records.push(record);
  }
  const log = createMemoryLog();
  log.topics.set('a1.predictions', records);
  const none = { records: 0, contentHash: '0'.repeat(32) };
  const part = { partition: 0, offsetFrom: 0, offsetTo: ROWS, records: ROWS, contentHash: hash.value() };
  const publisher = {
    ...log,
    findPublished: async () => [{ topic: 'a1.predictions', partitions: [part] }],
  };
  const plots = { prepare: () => undefined };
  const deps = { tables, digests: nodeDigests, reader: log, publisher, plots };
  const { result, turns } = await countTurns(() =>
    runActivity(createReconcileRun(deps), {
      run: 'large/1',
      topic: 'a1',
      microBatches: 1,
      parts: [],
      counts: {
        loaded: ROWS,
        dropped: 0,
        train: 0,
        batch: 0,
        stream: ROWS,
        publishedBatch: 0,
        consumedBatch: 0,
        publishedStream: { ...none, records: ROWS },
        readStream: { ...none, records: ROWS },
        batches: 1,
        predicted: ROWS,
        deadLettered: 0,
        skippedOffsets: 0,
      },
    }),
  );
  let expected = 0;
  for await (const { columns } of tables.read(result.predictions, ['_row'])) {
    for (const rowId of columns[0] as Float64Array) {
      if (rowId !== expected) expect(rowId).toBe(expected);
      expected += 1;
    }
  }

  expect(expected).toBe(ROWS);
  expect(result.metrics?.mae).toBeCloseTo(1, 9);
  expect(turns).toBeGreaterThan(TURNS);
});
