import { describe, expect, test } from 'vitest';
import type { ModelSchema } from '../../../../src/domain/model/features.ts';
import { judge, type Challenge, type OpenedChampion } from '../../../../src/domain/registry/challenge.ts';
import type { ModelSplit, RegisteredModel } from '../../../../src/domain/registry/model-registry.ts';
import { registeredModel } from '../../../support/unit/registered-model.ts';

const ROWS = 400;
const champion = registeredModel('yesterday/0');
/** Errors with an RMSE of about `size`, in a pattern that depends on `step`. */
const errorsOf = (size: number, step = 7): number[] =>
  Array.from(
    { length: ROWS },
    (_, i) => ((i * step) % 2 === 0 ? size : -size) * (0.9 + ((i * step) % 11) / 50),
  );

const SCHEMA = { features: ['budget', 'votes'], target: 'score' };
const opened = (errors: readonly number[], schema: ModelSchema = SCHEMA) => {
  return async (): Promise<OpenedChampion> => ({ schema, errors: async () => errors });
};

function challenge(more: Partial<Challenge> = {}): Challenge {
  return {
    model: registeredModel('tonight/0'),
    champion,
    errors: errorsOf(1),
    schema: SCHEMA,
    openChampion: opened(errorsOf(1, 5)),
    keyCandidates: [],
    maxRmseIncrease: 0.02,
    seed: 42,
    pause: async () => undefined,
    ...more,
  };
}

const model = (facts: Partial<RegisteredModel>): RegisteredModel => registeredModel('tonight/0', facts);
const never = async (): Promise<never> => {
  throw new Error('the champion was opened or scored although it cannot be compared');
};
const splitOf = (facts: Partial<ModelSplit>): ModelSplit => ({
  ...champion.split,
  sha256: 'other',
  ...facts,
});

describe('a challenger', () => {
  test('without a champion is promoted', async () => {
    const proposal = await judge(challenge({ champion: null, openChampion: never }));
    expect(proposal).toMatchObject({
      verdict: 'promote',
      against: null,
      comparison: null,
      reason: 'the first model of this name',
    });
  });

  test('with the same bytes is the champion already, whatever else differs', async () => {
    const same = model({ version: champion.version, split: splitOf({ rule: 'seed 1' }) });
    const proposal = await judge(challenge({ model: same, openChampion: never }));
    expect(proposal).toMatchObject({ verdict: 'unchanged', against: champion.version, comparison: null });
  });

  test.for<[string, Partial<ModelSchema>, Partial<ModelSplit>, string]>([
    [
      'a renamed feature',
      { features: ['votes', 'cost'] },
      {},
      `its features differ from those of the champion ${champion.version} (gone: budget; new: cost): name`,
    ],
    [
      'another target',
      { target: 'rating' },
      {},
      `it predicts "rating", and the champion ${champion.version} predicts "score": choose another promotion.model`,
    ],
    [
      'another key',
      {},
      { rule: 'seed 42, by title' },
      'by movie_imdb_link, not seed 42, by title) and may have',
    ],
    [
      'other rows without a key',
      {},
      { keyless: 1 },
      'no column identifies a film, and the dataset is another',
    ],
    [
      'many rows that lack their key',
      {},
      { keyless: 0.25 },
      '25.0 % of the rows have no key, and the dataset',
    ],
  ])('with %s is refused, and the reason says why', async ([, schema, split, reason]) => {
    const proposal = await judge(
      challenge({
        schema: { ...SCHEMA, ...schema },
        model: model({ split: splitOf(split) }),
        openChampion: async () => ({ schema: SCHEMA, errors: never }),
      }),
    );
    expect(proposal).toMatchObject({ verdict: 'refuse', against: champion.version, comparison: null });
    expect(proposal.reason).toContain(reason);
  });

  test('with several differences is refused for all of them at once', async () => {
    const { reason } = await judge(
      challenge({
        schema: { features: ['budget'], target: 'rating' },
        model: model({ split: splitOf({ keyless: 1 }) }),
      }),
    );
    expect(reason).toContain('it predicts "rating"');
    expect(reason).toContain('(gone: votes)');
    expect(reason).toContain('no column identifies a film');
  });

  test.for<[string, Partial<ModelSchema>, Partial<ModelSplit>]>([
    ['the features in another order', { features: ['votes', 'budget'] }, {}],
    ['other rows, by the same key', {}, {}],
    ['other rows, of which few lack their key', {}, { keyless: 0.01 }],
    ['the same rows without a key', {}, { sha256: champion.split.sha256, keyless: 1 }],
  ])('with %s is compared', async ([, schema, split]) => {
    const proposal = await judge(
      challenge({ schema: { ...SCHEMA, ...schema }, model: model({ split: splitOf(split) }) }),
    );
    expect(proposal.comparison).toMatchObject({ rows: ROWS });
  });

  test('without a key is told which columns could be one, however many they are', async () => {
    const without = model({ split: splitOf({ keyless: 1 }) });
    const reasonFor = async (keyCandidates: string[]) =>
      (await judge(challenge({ model: without, keyCandidates }))).reason;

    expect(await reasonFor(['title', 'imdb\nlink'])).toMatch(
      /: set dataset\.key to one of the columns whose cells are all filled and different \(title, imdb link\), and promote the first model trained with it by hand$/,
    );
    expect(await reasonFor([])).toMatch(
      /: set dataset\.key to a column that identifies a film in every row, and promote/,
    );
    const many = Array.from({ length: 10_000 }, (_, i) => `${i}`.repeat(100));
    expect((await reasonFor(many)).length).toBeLessThan(1_500);
  });

  test('is refused in bounded words when ten thousand features differ', async () => {
    const features = Array.from({ length: 10_000 }, (_, i) => `${i}`.repeat(100));
    const { reason } = await judge(challenge({ schema: { ...SCHEMA, features } }));
    expect(reason).toContain('(gone: budget, votes; new: 000');
    expect(reason).toContain('and 9992 more)');
    expect(reason.length).toBeLessThan(1_500);
  });

  test('is not promoted when worse, promoted when better, with numbers as the reason', async () => {
    const worse = await judge(challenge({ errors: errorsOf(1.2) }));
    expect(worse).toMatchObject({ verdict: 'keep', comparison: { rows: ROWS, champion: champion.version } });
    expect(worse.reason).toMatch(
      /^RMSE \+0\.\d{4} against the champion [0-9a-f]{12} on 400 rows, 95 % interval \+0\.\d{4} to \+0\.\d{4}: not within the margin of \+0\.0\d{3} at 95 %$/,
    );

    const better = await judge(challenge({ errors: errorsOf(0.8) }));
    expect(better.verdict).toBe('promote');
    expect(better.reason).toMatch(
      /^RMSE −0\.\d{4} .* interval −0\.\d{4} to −0\.\d{4}: within the margin of \+0\.0\d{3} at 95 %$/,
    );
  });

  test('that is as good or slightly worse is promoted only within the margin', async () => {
    const slightlyWorse = challenge({
      errors: errorsOf(1.03, 5),
      openChampion: opened(errorsOf(1, 5)),
    });

    expect((await judge({ ...slightlyWorse, maxRmseIncrease: 0.04 })).verdict).toBe('promote');
    expect((await judge({ ...slightlyWorse, maxRmseIncrease: 0.02 })).verdict).toBe('keep');
    expect((await judge({ ...slightlyWorse, maxRmseIncrease: 0 })).verdict).toBe('keep');
  });

  test('that looks equal on too few rows is not promoted', async () => {
    const noisy = (step: number) => Array.from({ length: 12 }, (_, i) => ((i * step) % 13) / 4 - 1.5);
    const { verdict, comparison } = await judge(
      challenge({ errors: noisy(5), openChampion: opened(noisy(8)) }),
    );

    expect(Math.abs(comparison?.difference ?? 1)).toBeLessThan((comparison?.margin ?? 0) * 4);
    expect(comparison?.interval[1]).toBeGreaterThan(comparison?.margin ?? Infinity);
    expect(verdict).toBe('keep');
  });
});
