import type { ArtifactRef } from '../../domain/artifact.ts';
import { REPORT_PAGE } from '../../domain/names.ts';
import type { DriftHistograms } from '../../domain/dataset/quality/histogram.ts';
import { PREDICTION_COLUMNS } from '../../domain/log/prediction.ts';
import type { RunReport } from '../../domain/run/report.ts';
import type { DrawPlot } from '../../report/figure.ts';
import { renderPage } from '../../report/page.ts';
import { createSplitErrors, type SplitErrors } from '../../report/split-errors.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { readTitles } from '../dataset/rating-rows.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { LoadModel } from '../training/model-cache.ts';
import { scoreRows, type ScoredRows } from '../training/score-rows.ts';

export interface RenderReportInput {
  readonly run: string;
  /** A RunReport. */
  readonly report: ArtifactRef;
  /** The batch split as read back, and as it was split, with the titles. */
  readonly batch: { readonly consumed: ArtifactRef; readonly table: ArtifactRef };
  /** Predictions of the stream split, and the split, with the titles. */
  readonly stream: { readonly predictions: ArtifactRef; readonly table: ArtifactRef };
  /** Result of `checkDataset`. */
  readonly histograms: ArtifactRef | null;
}

/** Port: plots as SVG. */
export interface Plots {
  /** The same plot gives the same text. It does not block this thread. */
  readonly draw: DrawPlot;
  /** Loads what the first plot needs, which takes a while; call it some seconds before. */
  prepare(): void;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly digests: Pick<Digests, 'sha256'>;
  readonly tables: Tables;
  readonly loadModel: LoadModel;
  readonly plots: Plots;
}

/**
 * Writes the run's report as one HTML file. Scores the batch split once more, which costs less than storing its
 * predictions. A retry writes the same bytes.
 */
export function createRenderReport({ artifacts, digests, tables, loadModel, plots }: Deps) {
  async function collect(
    { rows }: ArtifactRef,
    scored: AsyncIterable<ScoredRows>,
    table: ArtifactRef,
    seed: number,
  ): Promise<SplitErrors> {
    const errors = createSplitErrors(rows, seed);
    for await (const some of scored) errors.add(some);
    return errors.finish(await readTitles(tables, table, errors.shownRows()));
  }

  async function* readPredictions(predictions: ArtifactRef): AsyncGenerator<ScoredRows> {
    for await (const { columns } of tables.read(predictions, PREDICTION_COLUMNS)) {
      const [rowIds, actual, predicted] = columns as readonly [Float64Array, Float64Array, Float64Array];
      yield { rowIds, actual, predicted };
    }
  }

  return async function renderReport(input: RenderReportInput): Promise<ArtifactRef> {
    const { run, report, batch, stream } = input;
    return withHeartbeat(async (signal, onProgress) => {
      const { result, samples, lineage } = await readJson<RunReport>(artifacts, report);
      const { seed } = lineage.input.forest;
      const model = await loadModel(result.model);
      const data = {
        result,
        samples,
        lineage,
        batch: await collect(batch.consumed, scoreRows(tables, batch.consumed, model), batch.table, seed),
        stream: await collect(stream.predictions, readPredictions(stream.predictions), stream.table, seed),
        histograms: input.histograms ? await readJson<DriftHistograms>(artifacts, input.histograms) : [],
      };
      const draw: DrawPlot = async (plot) => {
        signal.throwIfAborted();
        onProgress({ plot: plot.title });
        return plots.draw(plot);
      };
      const page = await renderPage(data, { draw, sha256: (text) => digests.sha256(text) });
      const bytes = new TextEncoder().encode(page);
      const rows = data.batch.rows + data.stream.rows;
      return artifacts.write({ run, name: REPORT_PAGE, extension: '.html', bytes, rows });
    });
  };
}
