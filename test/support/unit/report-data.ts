import { learningCheckpoints } from '../../../src/domain/model/learning-curve.ts';
import { parsePipelineInput } from '../../../src/domain/run/pipeline-input.ts';
import type { SamplePrediction } from '../../../src/domain/run/report.ts';
import type { ReportData } from '../../../src/report/report-data.ts';
import { createSplitErrors, type SplitErrors } from '../../../src/report/split-errors.ts';
import { numbersBelow } from './rating-table.ts';

const REF = { uri: 'runs/a/b/c-000000000000.json', sha256: '0'.repeat(64), bytes: 1, rows: 1 };
const METRICS = { rmse: 0.7, mae: 0.5, r2: 0.5 };
export const INTERVALS = { rmse: [0.65, 0.75], mae: [0.45, 0.55], r2: [0.4, 0.6] } as const;
const RUN_ID = '01a21ffd-0000-7000-8000-000000000000';

export function splitErrorsOf(predictions: readonly SamplePrediction[]): SplitErrors {
  const errors = createSplitErrors(predictions.length, 1);
  errors.add({
    rowIds: Float64Array.from(predictions, ({ rowId }) => rowId ?? Number.NaN),
    actual: Float64Array.from(predictions, ({ actual }) => actual ?? Number.NaN),
    predicted: Float64Array.from(predictions, ({ predicted }) => predicted),
  });
  return errors.finish(new Map(predictions.map(({ rowId, title }) => [rowId ?? -1, title])));
}

interface Names {
  readonly workflowId?: string;
  readonly title?: string;
  readonly feature?: string;
  readonly target?: string;
  /** Any other text that a user may type or a file may contain. */
  readonly text?: string;
}

/** A run with data for every section of the report. */
export function reportDataOf(names: Names = {}, rows = 40): ReportData {
  const {
    workflowId = 'nightly',
    title = 'Alien',
    feature = 'budget',
    target = 'imdb_score',
    text = 'text',
  } = names;
  const predictions = numbersBelow(rows).map((i) => ({
    rowId: i + 2,
    title: `${title} ${i}`,
    actual: 3 + (i % 7),
    predicted: 4 + ((i * 5) % 13) / 3,
  }));
  const range = { partition: 0, offsetFrom: 10, offsetTo: 52, records: rows };
  const about = { engine: 'histogram', features: [feature, 'duration'], target, trainingRows: 300 } as const;
  const result: ReportData['result'] = {
    run: `${workflowId}/${RUN_ID}`,
    dataset: {
      source: { path: `${text}.csv`, sha256: 'd'.repeat(64), bytes: 12_345 },
      features: about.features,
      target,
      keyColumn: text,
      gaps: [{ column: feature, missing: 3, unreadable: 1, firstUnreadable: { row: 17, text } }],
      dialect: { compression: null, encoding: 'utf-8', delimiter: ',', quote: '"', header: true },
      badRows: { count: 1, lines: [12], first: text },
      notations: [{ column: 'duration', notation: text, sample: text }],
      leftOut: [{ column: text, reason: text, sample: text }],
      leftOutCount: 1,
      keyless: 0,
      keyCandidates: [],
    },
    rows: {
      loaded: 404,
      kept: 400,
      dropped: 4,
      bad: 1,
      empty: 2,
      unreadable: 1,
      train: 320,
      batch: rows,
      stream: rows,
    },
    drift: {
      champion: text,
      compared: 3,
      drifted: 1,
      columns: [
        {
          column: feature,
          psi: 0.31,
          ks: 0.22,
          limit: 0.25,
          before: { rows: 400, mean: 5e6, missing: 0.1 },
          now: { rows: 404, mean: 9e6, missing: 0.5 },
        },
        {
          column: 'duration',
          psi: 0.01,
          ks: 0.02,
          limit: 0.25,
          before: { rows: 400, mean: 100, missing: null },
          now: { rows: 404, mean: 101, missing: 0 },
        },
      ],
      gone: { count: 2, names: [text] },
      added: { count: 1, names: [feature] },
      formerTarget: text,
    },
    splitSha256: 'e'.repeat(64),
    published: { batch: rows, stream: rows },
    consumed: { batch: rows, stream: rows },
    batches: 3,
    predicted: rows,
    deadLettered: 0,
    skipped: { batches: 1, offsets: 10, first: [{ batch: 2, reason: text }] },
    model: { version: 'abcdef012345', artifact: REF, ...about },
    quality: {
      outOfBag: { rows: 300, ...METRICS },
      importances: [
        { feature, importance: 0.8 },
        { feature: 'duration', importance: 0.2 },
      ],
      intervals: INTERVALS,
      permutationImportances: [
        { feature, mean: 0.4, std: 0.05 },
        { feature: 'duration', mean: -0.01, std: 0.02 },
      ],
      learning: learningCheckpoints(100).map((trees) => ({ trees, rmse: 0.7 + 0.4 / trees })),
    },
    promotion: {
      model: text,
      change: 'promoted',
      reason: text,
      champion: 'abcdef012345',
      comparison: {
        rows,
        champion: text,
        championRmse: 0.71,
        challengerRmse: 0.7,
        difference: -0.01,
        interval: [-0.03, 0.005],
        margin: 0.014,
      },
    },
    metrics: { batch: METRICS, stream: METRICS },
    predictionsSha256: 'f'.repeat(64),
  };
  return {
    result,
    lineage: {
      workflowId,
      runId: RUN_ID,
      url: `http://localhost:8233/namespaces/default/workflows/${encodeURIComponent(workflowId)}`,
      version: '0.2.0',
      commit: text,
      asOf: '2026-11-28T02:00:00.000Z',
      input: { ...parsePipelineInput({}), topic: text },
      offsets: { batch: [range], stream: [range] },
      throughput: [0, 1, 2].map((batch) => ({ batch, batches: 1, rows: 100, seconds: 0.5 + batch / 10 })),
      seconds: { load: 1.5, 'score stream': 2.5 },
    },
    samples: predictions.slice(0, 3),
    batch: splitErrorsOf(predictions),
    stream: splitErrorsOf(predictions.map((row, i) => (i === 0 ? { ...row, actual: null } : row))),
    histograms: [
      { column: feature, bounds: [0, 5e6, 1e7], before: [0.7, 0.3], now: [0.2, 0.8] },
      { column: 'duration', bounds: [60, 120, 240], before: [0.6, 0.4], now: [0.59, 0.41] },
    ],
  };
}
