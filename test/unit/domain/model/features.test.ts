import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import {
  columnsFor,
  describeFeatureDifference,
  differenceOfFeatures,
  schemaText,
} from '../../../../src/domain/model/features.ts';

const MODEL = {
  version: '0123456789ab',
  artifact: { uri: 'runs/a/model.model' },
  features: ['budget', 'duration', 'gross'],
};

test('a model reads its columns by name, in its own order, whatever else is there', () => {
  const names = fc.uniqueArray(fc.string(), { minLength: 1 });
  fc.assert(
    fc.property(names, fc.infiniteStream(fc.nat()), fc.nat(), (all, order, size) => {
      const shuffled = all
        .map((name) => ({ name, place: order.next().value as number }))
        .sort((a, b) => a.place - b.place)
        .map(({ name }) => name);
      const features = all.slice(0, 1 + (size % all.length));

      expect(columnsFor({ ...MODEL, features }, shuffled, shuffled)).toEqual(features);
    }),
  );
});

test.for<[string, string[], string]>([
  ['a missing feature', ['duration', 'budget'], 'got 2 columns; gone: gross.'],
  ['a renamed feature', ['budget', 'duration', 'gross_usd'], 'got 3 columns; gone: gross; new: gross_usd.'],
])('%s is a ModelMismatch that spells out the difference', ([, names, message]) => {
  const pick = () => columnsFor(MODEL, names, names);

  expect(pick).toThrow(ModelMismatch);
  expect(pick).toThrow(
    `model 0123456789ab cannot score these rows [runs/a/model.model]: expected its 3 features, ${message}`,
  );
});

test('features differ by name, not by order', () => {
  const before = ['budget', 'duration', 'gross'];
  const describe = (after: readonly string[]) =>
    describeFeatureDifference(differenceOfFeatures(before, after));

  expect(describe(['gross', 'budget', 'duration'])).toBe('');
  expect(describe(['gross', 'duration', 'oscars'])).toBe('gone: budget; new: oscars');
  expect(describe([])).toBe('gone: budget, duration, gross');
  expect(schemaText({ features: before, target: 'score' })).toBe(
    schemaText({ features: before.toReversed(), target: 'score' }),
  );
  expect(schemaText({ features: before, target: 'score' })).not.toBe(
    schemaText({ features: before, target: 'rating' }),
  );
});

test('a name that breaks a line or a screen is shown on one line', () => {
  const difference = { gone: ['a\nb\u001b[2J\u202ec'], new: ['x'.repeat(1_000)] };

  expect(describeFeatureDifference(difference)).toBe(`gone: a b [2J c; new: ${'x'.repeat(60)}…`);
});
