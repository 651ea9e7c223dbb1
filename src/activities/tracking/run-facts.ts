import type { RunReport } from '../../domain/run/report.ts';
import type { RegressionMetrics } from '../../domain/model/metrics.ts';
import type { RunFacts } from './run-tracker.ts';

/** What a report says, as MLflow keeps it: flat names with text or numbers. */
export function toRunFacts({ result, lineage }: RunReport): Omit<RunFacts, 'files'> {
  const { dataset, rows, model, quality, metrics, promotion, drift } = result;
  const { comparison } = promotion;
  return {
    params: flatten(lineage.input),
    metrics: {
      ...named('batch', metrics.batch),
      batch_rmse_low: quality.intervals.rmse[0],
      batch_rmse_high: quality.intervals.rmse[1],
      ...(metrics.stream ? named('stream', metrics.stream) : {}),
      ...(quality.outOfBag ? named('out_of_bag', quality.outOfBag) : {}),
      rows_kept: rows.kept,
      rows_dropped: rows.dropped,
      rows_train: rows.train,
      rows_batch: rows.batch,
      rows_stream: rows.stream,
      rows_predicted: result.predicted,
      rows_dead_lettered: result.deadLettered,
      columns_drifted: drift.drifted,
      ...(comparison && {
        champion_rmse_difference: comparison.difference,
        champion_rmse_difference_low: comparison.interval[0],
        champion_rmse_difference_high: comparison.interval[1],
      }),
    },
    tags: {
      'temporal.workflow_id': lineage.workflowId,
      'temporal.run_id': lineage.runId,
      'temporal.url': lineage.url,
      'imdb.version': lineage.version,
      'imdb.dataset_sha256': dataset.source.sha256,
      'imdb.split_sha256': result.splitSha256,
      'imdb.model_version': model.version,
      'imdb.promotion': `${promotion.change}: ${promotion.reason}`,
      ...(lineage.commit !== null && { 'mlflow.source.git.commit': lineage.commit }),
      'mlflow.source.name': 'imdb-temporal',
      'mlflow.source.type': 'JOB',
      'mlflow.note.content': `[Workflow in Temporal](${lineage.url}), as of ${lineage.asOf}. Files: report, model card.`,
    },
    dataset: {
      name: dataset.source.path,
      sha256: dataset.source.sha256,
      path: dataset.source.path,
      columns: [...model.features, model.target],
      rows: rows.kept,
    },
  };
}

function named(split: string, { rmse, mae, r2 }: RegressionMetrics): Record<string, number> {
  return { [`${split}_rmse`]: rmse, [`${split}_mae`]: mae, [`${split}_r2`]: r2 };
}

/** `forest.trees`: "100"; a list is its JSON. */
function flatten(value: object, prefix = ''): Record<string, string> {
  const entries = Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const path = `${prefix}${name}`;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      return Object.entries(flatten(inner, `${path}.`));
    }
    return [[path, typeof inner === 'string' ? inner : JSON.stringify(inner)] as const];
  });
  return Object.fromEntries(entries);
}
