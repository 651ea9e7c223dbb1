import { createContentHash } from '../../domain/log/content-hash.ts';
import { regressionMetrics, type RegressionMetrics } from '../../domain/model/metrics.ts';
import { deadLettersTopic, microBatchPublication, predictionsTopic } from '../../domain/names.ts';
import { manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import { mergeRanges } from '../../domain/stream/stream-plan.ts';
import { parsePrediction, predictionsSchema } from '../../domain/log/prediction.ts';
import { reconcile, type RunCounts } from '../../domain/run/reconciliation.ts';
import { isPredictionOf, type LogRecord } from '../../domain/log/record.ts';
import type { ReconcileRunResult } from '../../domain/run/step-results.ts';
import { gather, sortedOrder } from '../../domain/order.ts';
import { TABLE_BATCH_ROWS, type TableBatch } from '../../domain/table.ts';
import type { Digests } from '../log/digests.ts';
import { pause, withHeartbeat } from '../heartbeat.ts';
import type { RecordPublisher, RecordReader } from '../log/record-log.ts';
import type { Tables } from '../tables.ts';
import type { Plots } from './render-report.ts';

export interface ReconcileRunInput {
  readonly run: string;
  readonly topic: string;
  /** Planned ones; a batch that an operator skipped has no marker. */
  readonly microBatches: number;
  /** Numbers of further ones, which were split off. */
  readonly parts: readonly number[];
  readonly counts: Omit<RunCounts, 'foundBatches' | 'publishedPredictions' | 'foundPredictions'>;
}

interface Deps {
  readonly tables: Tables;
  readonly reader: RecordReader;
  readonly digests: Digests;
  readonly publisher: RecordPublisher;
  readonly plots: Pick<Plots, 'prepare'>;
}

/** A look-up takes milliseconds, but there may be thousands of markers. */
const LOOK_UPS_AT_A_TIME = 32;

/**
 * Reads what the micro-batches wrote from its topic, as any consumer would, and checks that every count and hash of the
 * run agrees. What others have written in between is dropped as it arrives. Reads only, so a retry has no side effects.
 */
export function createReconcileRun({ tables, reader, digests, publisher, plots }: Deps) {
  async function findPredictions(
    run: string,
    topic: string,
    batches: readonly number[],
  ): Promise<TopicManifest[]> {
    const found = await Promise.all(
      batches.map((batch) => {
        const names = microBatchPublication(run, 0, batch);
        return publisher.findPublished(names, [predictionsTopic(topic), deadLettersTopic(topic)]);
      }),
    );
    return found.flatMap((manifests) => manifests?.[0] ?? []);
  }

  return async function reconcileRun({
    run,
    topic: source,
    microBatches,
    parts,
    counts,
  }: ReconcileRunInput): Promise<ReconcileRunResult> {
    // The report comes next.
    plots.prepare();
    return withHeartbeat(async (signal, report) => {
      const topic = predictionsTopic(source);
      const published: TopicManifest[] = [];
      const batches = [...Array(microBatches).keys(), ...parts];
      for (let i = 0; i < batches.length; i += LOOK_UPS_AT_A_TIME) {
        signal.throwIfAborted();
        const next = batches.slice(i, i + LOOK_UPS_AT_A_TIME);
        for (const manifest of await findPredictions(run, source, next)) published.push(manifest);
      }
      const written = published.flatMap(({ partitions }) => partitions);
      const promised = manifestTotals({ topic, partitions: written });
      const isOfRun = isPredictionOf(run);
      const hash = createContentHash();
      const found = createPredictionCollector(topic, promised.records);
      await reader.readRanges({
        topic,
        ranges: mergeRanges(written),
        signal,
        // Duplicates included, because any other consumer would count them twice.
        onRecord(record) {
          if (!isOfRun(record)) return;
          hash.add(record);
          found.add(record);
          report(found.records());
        },
      });
      reconcile({
        ...counts,
        foundBatches: published.length,
        publishedPredictions: promised,
        foundPredictions: { records: found.records(), contentHash: hash.value() },
      });
      const predictions = await found.byRow();
      return {
        metrics: metricsOf(predictions),
        predictions: await tables.write({
          run,
          name: 'predictions',
          schema: predictionsSchema({ topic: source, modelVersion: found.modelVersion() }),
          batches: toBatches(predictions),
        }),
        predictionsSha256: await hashPredictions(predictions, digests),
      };
    });
  };
}

/** In the order of the table's columns. */
interface Predictions {
  /** NaN where there is none. */
  readonly rowIds: Float64Array;
  readonly predicted: Float64Array;
  /** NaN where it is unknown. */
  readonly actual: Float64Array;
  readonly partitions: Int32Array;
  readonly offsets: Float64Array;
}

/** @param promised number of records; more are counted only */
function createPredictionCollector(topic: string, promised: number) {
  let records = 0;
  let modelVersion = '';
  const columns: Predictions = {
    rowIds: new Float64Array(promised),
    predicted: new Float64Array(promised),
    actual: new Float64Array(promised),
    partitions: new Int32Array(promised),
    offsets: new Float64Array(promised),
  };
  return {
    records: (): number => records,
    modelVersion: (): string => modelVersion,
    add(record: LogRecord): void {
      const { rowId, prediction, actual, source, ...by } = parsePrediction(topic, record);
      // Beyond its end, a typed array ignores what is set.
      columns.rowIds[records] = rowId ?? Number.NaN;
      columns.predicted[records] = prediction;
      columns.actual[records] = actual ?? Number.NaN;
      columns.partitions[records] = source.partition;
      columns.offsets[records] = source.offset;
      modelVersion = by.modelVersion;
      records += 1;
    },
    async byRow(): Promise<Predictions> {
      const order = await sortedOrder(columns.rowIds, pause);
      return {
        rowIds: gather(columns.rowIds, order),
        predicted: gather(columns.predicted, order),
        actual: gather(columns.actual, order),
        partitions: gather(columns.partitions, order),
        offsets: gather(columns.offsets, order),
      };
    },
  };
}

function* toBatches({ rowIds, predicted, actual, partitions, offsets }: Predictions): Generator<TableBatch> {
  for (let from = 0; from < rowIds.length; from += TABLE_BATCH_ROWS) {
    const to = Math.min(rowIds.length, from + TABLE_BATCH_ROWS);
    const columns = [rowIds, predicted, actual, partitions, offsets].map((column) =>
      column.subarray(from, to),
    );
    yield { rows: to - from, columns };
  }
}

/** Over the lines `<row id>:<prediction>`. */
async function hashPredictions({ rowIds, predicted }: Predictions, digests: Digests): Promise<string> {
  const hash = digests.createSha256();
  for (let from = 0; from < rowIds.length; from += TABLE_BATCH_ROWS) {
    const to = Math.min(rowIds.length, from + TABLE_BATCH_ROWS);
    let lines = '';
    for (let i = from; i < to; i += 1) {
      const rowId = rowIds[i] as number;
      lines += `${i === 0 ? '' : '\n'}${Number.isNaN(rowId) ? 'null' : rowId}:${predicted[i]}`;
    }
    hash.update(lines);
    await pause();
  }
  return hash.value();
}

function metricsOf({ actual, predicted }: Predictions): RegressionMetrics | null {
  const isKnown = (_: number, row: number): boolean => !Number.isNaN(actual[row]);
  const known = actual.filter(isKnown);
  return known.length === 0 ? null : regressionMetrics(known, predicted.filter(isKnown));
}
