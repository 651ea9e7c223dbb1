import type { ArtifactRef } from '../../domain/artifact.ts';
import { REPORT_PAGE } from '../../domain/names.ts';
import type { ConsumedBatch, Prediction } from '../../domain/log/prediction.ts';
import type { DriftHistograms } from '../../domain/dataset/quality/histogram.ts';
import { withTitles, type RunReport, type SamplePrediction } from '../../domain/run/report.ts';
import type { DrawPlot } from '../../report/figure.ts';
import { renderPage } from '../../report/page.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import type { DataFrames } from '../dataset/data-frames.ts';
import type { Digests } from '../log/digests.ts';
import { readTitles } from '../dataset/rating-rows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { LoadModel } from '../training/model-cache.ts';
import { predictRows } from '../training/predict-rows.ts';

export interface RenderReportInput {
  readonly run: string;
  /** A RunReport. */
  readonly report: ArtifactRef;
  /** The batch split as read back, and its rows, which have the titles. */
  readonly batch: { readonly consumed: ArtifactRef; readonly table: ArtifactRef };
  /** Predictions of the stream split, and its rows. */
  readonly stream: { readonly predictions: ArtifactRef; readonly table: ArtifactRef };
  /** Result of `checkDataset`. */
  readonly histograms: ArtifactRef | null;
}

/** Port: plots as SVG. */
export interface Plots {
  /** The same plot gives the same text. */
  readonly draw: DrawPlot;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Pick<Digests, 'sha256'>;
  readonly frames: DataFrames;
  readonly loadModel: LoadModel;
  readonly plots: Plots;
  readonly tables: Tables;
}

/**
 * Writes the run's report as one HTML file. Scores the batch split once more, which costs less than storing its
 * predictions. A retry writes the same bytes.
 */
export function createRenderReport({ artifacts, digests, frames, loadModel, plots, tables }: Deps) {
  async function scoreBatch(
    { consumed, table }: RenderReportInput['batch'],
    { model }: RunReport['result'],
  ): Promise<readonly SamplePrediction[]> {
    const batch = await readJson<ConsumedBatch>(artifacts, consumed);
    const titles = await readTitles(tables, table, new Set(batch.rows.map(({ rowId }) => rowId ?? 0)));
    const predicted = await predictRows(frames, await loadModel(model), batch);
    return withTitles(
      batch.rows.map((row, i) => ({ ...row, prediction: predicted[i] as number })),
      titles,
    );
  }

  return async function renderReport(input: RenderReportInput): Promise<ArtifactRef> {
    const { run, report, stream } = input;
    return withHeartbeat(async (signal, onProgress) => {
      const { result, samples, lineage } = await readJson<RunReport>(artifacts, report);
      const scored = await readJson<Prediction[]>(artifacts, stream.predictions);
      const titles = await readTitles(tables, stream.table, new Set(scored.map(({ rowId }) => rowId ?? 0)));
      const predictions = withTitles(scored, titles);
      const data = {
        result,
        samples,
        lineage,
        batch: await scoreBatch(input.batch, result),
        stream: predictions,
        histograms: input.histograms ? await readJson<DriftHistograms>(artifacts, input.histograms) : [],
      };
      const draw: DrawPlot = async (plot) => {
        // A plot blocks this thread for a moment; heartbeats and other activities must run in between.
        await new Promise((resolve) => setImmediate(resolve));
        signal.throwIfAborted();
        onProgress({ plot: plot.title });
        return plots.draw(plot);
      };
      const page = await renderPage(data, { draw, sha256: (text) => digests.sha256(text) });
      const bytes = new TextEncoder().encode(page);
      const rows = data.batch.length + data.stream.length;
      return artifacts.write({ run, name: REPORT_PAGE, extension: '.html', bytes, rows });
    });
  };
}
