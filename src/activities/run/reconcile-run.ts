import { createContentHash } from '../../domain/log/content-hash.ts';
import { regressionMetrics, type RegressionMetrics } from '../../domain/model/metrics.ts';
import { deadLettersTopic, header, microBatchPublication, predictionsTopic } from '../../domain/names.ts';
import { manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import { mergeRanges } from '../../domain/stream/stream-plan.ts';
import { parsePrediction, type Prediction } from '../../domain/log/prediction.ts';
import { reconcile, type RunCounts } from '../../domain/run/reconciliation.ts';
import { headerText } from '../../domain/log/record.ts';
import type { ReconcileRunResult } from '../../domain/run/step-results.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { RecordPublisher, RecordReader } from '../log/record-log.ts';

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
  readonly artifacts: ArtifactStore;
  readonly reader: RecordReader;
  readonly digests: Digests;
  readonly publisher: RecordPublisher;
}

/** A look-up takes milliseconds, but there may be thousands of markers. */
const LOOK_UPS_AT_A_TIME = 32;

/**
 * Reads what the micro-batches wrote from its topic, as any consumer would, and checks that every count and hash of the
 * run agrees. What others have written in between is dropped as it arrives. Reads only, so a retry has no side effects.
 */
export function createReconcileRun({ artifacts, reader, digests, publisher }: Deps) {
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
    return withHeartbeat(async (signal, report) => {
      const topic = predictionsTopic(source);
      const published: TopicManifest[] = [];
      const batches = [...Array(microBatches).keys(), ...parts];
      for (let i = 0; i < batches.length; i += LOOK_UPS_AT_A_TIME) {
        signal.throwIfAborted();
        const next = batches.slice(i, i + LOOK_UPS_AT_A_TIME);
        published.push(...(await findPredictions(run, source, next)));
      }
      const written = published.flatMap(({ partitions }) => partitions);
      const hash = createContentHash();
      const predictions: Prediction[] = [];
      await reader.readRanges({
        topic,
        ranges: mergeRanges(written),
        signal,
        // Duplicates included, because any other consumer would count them twice.
        onRecord(record) {
          if (headerText(record, header.runId) !== run) return;
          hash.add(digests.record(record));
          predictions.push(parsePrediction(topic, record));
          report(predictions.length);
        },
      });
      reconcile({
        ...counts,
        foundBatches: published.length,
        publishedPredictions: manifestTotals({ topic, partitions: written }),
        foundPredictions: { records: predictions.length, contentHash: hash.value() },
      });
      predictions.sort((a, b) => (a.rowId ?? 0) - (b.rowId ?? 0));
      return {
        metrics: metricsOf(predictions),
        predictions: await writeJson(artifacts, run, 'predictions', predictions.length, predictions),
        predictionsSha256: digests.sha256(
          predictions.map(({ rowId, prediction }) => `${rowId}:${prediction}`).join('\n'),
        ),
      };
    });
  };
}

function metricsOf(predictions: readonly Prediction[]): RegressionMetrics | null {
  const known = predictions.filter(({ actual }) => actual !== null);
  if (known.length === 0) return null;
  return regressionMetrics(
    known.map(({ actual }) => actual as number),
    known.map(({ prediction }) => prediction),
  );
}
