import { expect, test } from 'vitest';
import { toRunFacts } from '../../../../src/activities/tracking/run-facts.ts';
import { reportDataOf } from '../../../support/unit/report-data.ts';

test('a run is logged with its whole input, metrics by split, and where it comes from', () => {
  const { result, lineage } = reportDataOf({ workflowId: 'nightly' });
  const { params, metrics, tags, dataset } = toRunFacts({ result, lineage, samples: [] });

  expect(params).toMatchObject({ 'forest.trees': '100', 'promotion.model': 'imdb-score', topic: 'text' });
  expect(metrics).toMatchObject({
    batch_rmse: 0.7,
    batch_rmse_low: 0.65,
    stream_rmse: 0.7,
    out_of_bag_r2: 0.5,
    champion_rmse_difference: -0.01,
  });
  expect(tags).toMatchObject({
    'temporal.workflow_id': 'nightly',
    'imdb.dataset_sha256': 'd'.repeat(64),
    'mlflow.source.git.commit': 'text',
  });
  expect(dataset).toMatchObject({ columns: ['budget', 'duration', 'imdb_score'], rows: 400 });
});

test('what a run does not have is left out, so that MLflow shows no empty values', () => {
  const { result, lineage } = reportDataOf();
  const { metrics, tags } = toRunFacts({
    result: {
      ...result,
      metrics: { ...result.metrics, stream: null },
      quality: { ...result.quality, outOfBag: null },
      promotion: { ...result.promotion, comparison: null },
    },
    lineage: { ...lineage, commit: null },
    samples: [],
  });

  expect(Object.keys(metrics).filter((name) => /stream_rmse|out_of_bag|champion/.test(name))).toEqual([]);
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  expect(tags).not.toHaveProperty('mlflow.source.git.commit');
});
