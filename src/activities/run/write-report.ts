import type { ArtifactRef } from '../../domain/artifact.ts';
import type { Prediction } from '../../domain/log/prediction.ts';
import { samplePredictions, type RunLineage, type RunReport } from '../../domain/run/report.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';
import { readTitles } from '../dataset/rating-rows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';

export interface WriteReportInput {
  readonly run: string;
  readonly result: RunReport['result'];
  readonly predictions: ArtifactRef;
  /** The stream split, which has the titles; records in Kafka do not. */
  readonly stream: ArtifactRef;
  readonly lineage: RunLineage;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly tables: Tables;
}

/** Writes the run's result and sample predictions with their titles. */
export function createWriteReport({ artifacts, tables }: Deps) {
  return async function writeReport({
    run,
    result,
    predictions,
    stream,
    lineage,
  }: WriteReportInput): Promise<ArtifactRef> {
    return withHeartbeat(async () => {
      const all = await readJson<Prediction[]>(artifacts, predictions);
      const titles = await readTitles(tables, stream, new Set(all.map(({ rowId }) => rowId ?? 0)));
      const samples = samplePredictions(all, titles);
      const report: RunReport = { result, samples, lineage };
      return writeJson(artifacts, run, 'report', samples.length, report);
    });
  };
}
