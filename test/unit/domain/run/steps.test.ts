import { expect, test } from 'vitest';
import {
  callsOf,
  COMMON_STEPS,
  PIPELINE_STEPS,
  RUN_ACTIVITIES,
  stepOfArtifact,
  stepOfCall,
  STEPS,
} from '../../../../src/domain/run/steps.ts';

test.for([
  ['runs/a/b/dataset-0123456789ab.json', 'load'],
  ['runs/a/b/train-0123456789ab.json', 'split'],
  ['runs/a/b/batch-0123456789ab.json', 'split'],
  ['runs/a/b/batch-012345678901.json', 'split'],
  ['runs/a/b/stream-0123456789ab.json', 'split'],
  ['runs/a/b/batch-consumed-0123456789ab.json', 'consume batch'],
  ['runs/a/b/trees-00000-0123456789ab.trees', 'train'],
  ['runs/a/b/model-0123456789ab.model', 'train'],
  ['runs/a/b/model-card-0123456789ab.json', 'evaluate'],
  ['runs/stream-jobs/job-0123456789ab.json', 'score stream'],
  ['runs/a/b/batch-000007-rows-0123456789ab.json', 'score stream'],
  ['runs/a/b/batch-1000000-scored-0123456789ab.json', 'score stream'],
  ['runs/a/b/predictions-0123456789ab.json', 'reconcile'],
  ['runs/a/b/report-0123456789ab.json', 'report'],
  ['runs/a/b/report-page-0123456789ab.html', 'report'],
  ['runs/a/b/other-0123456789ab.json', undefined],
  ['own.model', undefined],
  ['', undefined],
])('artifact %s was written in step %s', ([uri, step]) => {
  expect(stepOfArtifact(uri as string)).toBe(step);
});

test('every step is found by each of its calls', () => {
  for (const step of PIPELINE_STEPS) {
    for (const call of callsOf(STEPS[step])) {
      expect([stepOfCall(call, 0), stepOfCall(call, 1)]).toContain(step);
    }
  }
});

test('the second publication of a run is that of its stream split', () => {
  expect([0, 1, 2].map((earlier) => stepOfCall('publishSplit', earlier))).toEqual([
    'publish batch',
    'publish stream',
    'publish stream',
  ]);
});

test('the activities of the stream are not in the run’s history', () => {
  expect(stepOfCall('scoreStream', 0)).toBe('score stream');
  expect(stepOfCall('consumeMicroBatch', 0)).toBeUndefined();
  expect(RUN_ACTIVITIES).toContain('consumeMicroBatch');
});

test('a run without MLflow has all steps but the one for MLflow', () => {
  expect(PIPELINE_STEPS.filter((step) => !COMMON_STEPS.includes(step))).toEqual(['log to mlflow']);
  expect(RUN_ACTIVITIES).not.toContain('logToMlflow');
});

test('a name that no step calls belongs to no step', () => {
  for (const name of ['notify', 'toString', '']) expect(stepOfCall(name, 0)).toBeUndefined();
});
