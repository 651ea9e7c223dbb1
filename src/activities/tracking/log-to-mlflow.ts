import type { ArtifactRef } from '../../domain/artifact.ts';
import type { RunReport } from '../../domain/run/report.ts';
import type { MlflowResult } from '../../domain/run/step-results.ts';
import { modelCard } from '../../report/model-card.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import { takeFeatures } from '../training/score-rows.ts';
import { toRunFacts } from './run-facts.ts';
import type { RunTracker, TrackedRun } from './run-tracker.ts';

export interface LogToMlflowInput extends TrackedRun {
  /** A RunReport. */
  readonly report: ArtifactRef;
  /** The report as an HTML page. */
  readonly page: ArtifactRef;
  /** The batch split as read back, whose first rows are the model's example. */
  readonly rows: ArtifactRef;
}

/** Port: models for other programs. */
export interface ModelExport {
  /**
   * Does not block this thread.
   * @param model the bytes of a model artifact
   * @param where names it in errors
   * @throws ModelMismatch when the forest is too large for ONNX
   */
  toOnnx(model: Uint8Array, version: string, where: string): Promise<Uint8Array>;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly tables: Tables;
  readonly modelExport: ModelExport;
  readonly tracker: RunTracker;
}

const EXAMPLE_ROWS = 5;

/**
 * Logs a finished run to MLflow: parameters, metrics, dataset, report and model card, then its model as a version. A
 * retry, also after a crash between two requests, adds only what is missing.
 */
export function createLogToMlflow({ artifacts, tables, modelExport, tracker }: Deps) {
  return async function logToMlflow(
    input: LogToMlflowInput,
  ): Promise<Exclude<MlflowResult, { readonly failure: string }>> {
    const { run, url, startedAt, rows } = input;
    return withHeartbeat(async (signal, onProgress) => {
      const report = await readJson<RunReport>(artifacts, input.report);
      const record = await tracker.open({ run, url, startedAt }, signal);
      onProgress({ mlflowRun: record.id });
      const files = [
        { name: 'report.html', bytes: await artifacts.read(input.page) },
        { name: 'report.json', bytes: await artifacts.read(input.report) },
        { name: 'model-card.md', bytes: new TextEncoder().encode(modelCard(report)) },
      ];
      await tracker.log(record, { ...toRunFacts(report), files }, signal);
      const { model, promotion } = report.result;
      const { artifact, version, features } = model;
      const onnx = await modelExport.toOnnx(await artifacts.read(artifact), version, artifact.uri);
      onProgress({ mlflowRun: record.id, onnxBytes: onnx.length });
      const { version: registered, url: versionUrl } = await tracker.register(
        record,
        {
          name: promotion.model,
          version,
          onnx,
          features,
          example: await firstRows(tables, rows, features),
          createdAt: startedAt,
        },
        signal,
      );
      return { runId: record.id, url: record.recordUrl, version: registered, versionUrl };
    });
  };
}

async function firstRows(
  tables: Tables,
  rows: ArtifactRef,
  features: readonly string[],
): Promise<readonly (readonly number[])[]> {
  const positions = Int32Array.from({ length: Math.min(EXAMPLE_ROWS, rows.rows) }, (_, i) => i);
  const columns = await takeFeatures(tables, rows, features, positions);
  return Array.from(positions, (row) => columns.map((column) => column[row] as number));
}
