import type { ArtifactRef } from '../../domain/artifact.ts';
import { PREDICTION_COLUMNS } from '../../domain/log/prediction.ts';
import {
  samplePositions,
  withTitle,
  type RunLineage,
  type RunReport,
  type UntitledPrediction,
} from '../../domain/run/report.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import { readTitles } from '../dataset/rating-rows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';

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
      const picked = await pick(tables, predictions);
      const titles = await readTitles(tables, stream, new Set(picked.map(({ rowId }) => rowId)));
      const samples = picked.map((prediction) => withTitle(prediction, titles));
      const report: RunReport = { result, samples, lineage };
      return writeJson(artifacts, run, 'report', samples.length, report);
    });
  };
}

async function pick(tables: Tables, predictions: ArtifactRef): Promise<UntitledPrediction[]> {
  const positions = samplePositions(predictions.rows);
  const picked: UntitledPrediction[] = [];
  let from = 0;
  for await (const { rows, columns } of tables.read(predictions, PREDICTION_COLUMNS)) {
    const [rowIds, actual, predicted] = columns as readonly [Float64Array, Float64Array, Float64Array];
    for (; (positions[picked.length] ?? Infinity) < from + rows;) {
      const i = (positions[picked.length] as number) - from;
      const [rowId, known, value] = [rowIds[i] as number, actual[i] as number, predicted[i] as number];
      picked.push({ rowId, actual: known, predicted: value });
    }
    from += rows;
  }
  return picked;
}
