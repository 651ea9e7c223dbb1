import { expect, test } from 'vitest';
import { describeDifference, findDifferences } from '../../../../src/cli/schedules/definition.ts';
import { nextState, parseSchedulePlan } from '../../../../src/cli/schedules/plan.ts';

test('differences are listed by field, with the names of schedule.json', () => {
  const before = { at: ['02:00'], input: { forest: { trees: 5, seed: 1 }, topic: 'a1' }, note: '' };
  const after = { at: ['02:00', '14:00'], input: { forest: { trees: 6, seed: 1 } }, note: 'a\nb' };

  expect(findDifferences(before, after).map(describeDifference)).toEqual([
    'at: 02:00 → 02:00, 14:00',
    'input.forest.trees: 5 → 6',
    'input.topic: a1 → (none)',
    String.raw`note: (none) → a\x0ab`,
  ]);
});

test('equal values are no difference, also in lists and nested objects', () => {
  const view = { at: ['02:00'], days: undefined, input: { dataset: { features: ['a', 'b'] } } };

  expect(findDifferences(view, structuredClone(view))).toEqual([]);
});

test.for<[given: object, previous: { paused: boolean; note?: string } | undefined, next: object]>([
  [{}, undefined, { paused: false, note: undefined }],
  [{ note: 'plan' }, undefined, { paused: false, note: 'plan' }],
  [{ note: 'plan' }, { paused: false, note: 'resumed' }, { paused: false, note: 'plan' }],
  [{}, { paused: false, note: 'resumed' }, { paused: false, note: 'resumed' }],
  [{ note: 'plan' }, { paused: true, note: 'a run failed' }, { paused: true, note: 'a run failed' }],
  [
    { paused: true, note: 'plan' },
    { paused: true, note: 'a run failed' },
    { paused: true, note: 'a run failed' },
  ],
  [{ paused: true }, { paused: false, note: 'x' }, { paused: true, note: 'paused by imdb schedule apply' }],
  [{ paused: false }, { paused: true, note: 'a run failed' }, { paused: false, note: undefined }],
])('a paused schedule keeps its reason, unless the plan resumes it: %j on %j', ([given, previous, next]) => {
  expect(nextState(parseSchedulePlan({ ...given }), previous)).toEqual(next);
});
