import { expect, test } from 'vitest';
import { createMeasure, METRICS, type Meter } from '../../../src/domain/metrics.ts';

/** Without labels whose values nobody can bound. */
const LABELS = ['activity', 'failure', 'model', 'outcome', 'process', 'reason', 'status', 'step', 'topic'];

test('names follow the conventions of Prometheus, and labels have few values', () => {
  for (const [name, { kind, labels }] of Object.entries(METRICS)) {
    expect(name).toMatch(/^imdb_[a-z_]+$/);
    expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
    expect(labels.filter((label) => !LABELS.includes(label))).toEqual([]);
  }
});

test('a metric is created once, and measured by its kind', () => {
  const calls: unknown[][] = [];
  const instrument = (kind: string) => (name: string) => {
    calls.push(['create', kind, name]);
    const call = (...measured: unknown[]) => void calls.push([kind, ...measured]);
    return { add: call, set: call, record: call };
  };
  const meter: Meter = {
    createCounter: instrument('counter'),
    createGauge: instrument('gauge'),
    createHistogram: instrument('histogram'),
  };
  const measure = createMeasure(meter);

  measure('imdb_rows_total', 2, { step: 'load' });
  measure('imdb_rows_total', 3, { step: 'train' });
  measure('imdb_champion_rmse', 0.5, { model: 'films' });
  measure('imdb_micro_batch_seconds', 1.5, { topic: 'a1' });

  expect(calls).toEqual([
    ['create', 'counter', 'imdb_rows_total'],
    ['counter', 2, { step: 'load' }],
    ['counter', 3, { step: 'train' }],
    ['create', 'gauge', 'imdb_champion_rmse'],
    ['gauge', 0.5, { model: 'films' }],
    ['create', 'histogram', 'imdb_micro_batch_seconds'],
    ['histogram', 1.5, { topic: 'a1' }],
  ]);
});
