import type { ArtifactRef } from '../../domain/artifact.ts';
import type { Prediction } from '../../domain/log/prediction.ts';
import type { RatingTable } from '../../domain/dataset/rating-table.ts';
import { samplePredictions, titlesOf, type RunLineage, type RunReport } from '../../domain/run/report.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';

export interface WriteReportInput {
  readonly run: string;
  readonly result: RunReport['result'];
  readonly predictions: ArtifactRef;
  /** The stream split's RatingTable, which has the titles; records in Kafka do not. */
  readonly stream: ArtifactRef;
  readonly lineage: RunLineage;
}

interface Deps {
  readonly artifacts: ArtifactStore;
}

/** Writes the run's result and sample predictions with their titles. */
export function createWriteReport({ artifacts }: Deps) {
  return async function writeReport({
    run,
    result,
    predictions,
    stream,
    lineage,
  }: WriteReportInput): Promise<ArtifactRef> {
    return withHeartbeat(async () => {
      const titles = titlesOf(await readJson<RatingTable>(artifacts, stream));
      const samples = samplePredictions(await readJson<Prediction[]>(artifacts, predictions), titles);
      const report: RunReport = { result, samples, lineage };
      return writeJson(artifacts, run, 'report', samples.length, report);
    });
  };
}
