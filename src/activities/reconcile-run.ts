import { contentHashOf } from '../domain/content-hash.ts';
import { regressionMetrics, type RegressionMetrics } from '../domain/metrics.ts';
import { header } from '../domain/names.ts';
import { manifestTotals, type TopicManifest } from '../domain/offsets.ts';
import { parsePrediction, type Prediction } from '../domain/prediction.ts';
import { reconcile, type RunCounts } from '../domain/reconciliation.ts';
import { headerText } from '../domain/record.ts';
import type { ReconcileRunResult } from '../domain/step-results.ts';
import { writeJson, type ArtifactStore } from './artifact-store.ts';
import type { Digests } from './digests.ts';
import { withHeartbeat } from './heartbeat.ts';
import { readUnique } from './read-unique.ts';
import type { RecordReader } from './record-log.ts';

export interface ReconcileRunInput {
  readonly run: string;
  readonly counts: Omit<RunCounts, 'publishedPredictions' | 'foundPredictions'>;
  readonly predictions: TopicManifest;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly reader: RecordReader;
  readonly digests: Digests;
}

/**
 * Reads all predictions of the run from their topic as any consumer would, and checks that every count and hash of
 * the run agrees. Only reads, so a retry is free.
 */
export function createReconcileRun({ artifacts, reader, digests }: Deps) {
  return async function reconcileRun({
    run,
    counts,
    predictions: manifest,
  }: ReconcileRunInput): Promise<ReconcileRunResult> {
    return withHeartbeat(async (signal, onProgress) => {
      const { topic, partitions: ranges } = manifest;
      const records = await readUnique(
        reader,
        { topic, ranges, signal, onProgress },
        (record) => headerText(record, header.runId) === run,
      );
      reconcile({
        ...counts,
        publishedPredictions: manifestTotals(manifest),
        foundPredictions: {
          records: records.length,
          contentHash: contentHashOf(records.map((record) => digests.record(record))),
        },
      });
      const predictions = records
        .map((record) => parsePrediction(topic, record))
        .sort((a, b) => (a.rowId ?? 0) - (b.rowId ?? 0));
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
