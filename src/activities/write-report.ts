import type { ArtifactRef } from '../domain/artifact.ts';
import type { Prediction } from '../domain/prediction.ts';
import type { RatingTable } from '../domain/rating-table.ts';
import { samplePredictions, type RunReport } from '../domain/report.ts';
import { readJson, writeJson, type ArtifactStore } from './artifact-store.ts';
import { withHeartbeat } from './heartbeat.ts';

export interface WriteReportInput {
  readonly run: string;
  readonly result: RunReport['result'];
  readonly predictions: ArtifactRef;
  /** The stream split's RatingTable: it knows the titles, which never travel over Kafka. */
  readonly stream: ArtifactRef;
}

interface Deps {
  readonly artifacts: ArtifactStore;
}

/** The run's record for people: its result, and sample predictions with their titles. */
export function createWriteReport({ artifacts }: Deps) {
  return async function writeReport({
    run,
    result,
    predictions,
    stream,
  }: WriteReportInput): Promise<ArtifactRef> {
    return withHeartbeat(async () => {
      const { rowIds, labels } = await readJson<RatingTable>(artifacts, stream);
      const titles = new Map(rowIds.map((rowId, i) => [rowId, labels[i] as string]));
      const samples = samplePredictions(await readJson<Prediction[]>(artifacts, predictions), titles);
      const report: RunReport = { result, samples };
      return writeJson(artifacts, run, 'report', samples.length, report);
    });
  };
}
