import { describe, expect, test } from 'vitest';
import { judge, type Challenge } from '../../../../src/domain/registry/challenge.ts';
import type { RegisteredModel } from '../../../../src/domain/registry/model-registry.ts';
import { registeredModel } from '../../../support/unit/registered-model.ts';

const ROWS = 400;
const champion = registeredModel('yesterday/0');
/** Errors with an RMSE of about `size`, in a pattern that depends on `step`. */
const errorsOf = (size: number, step = 7): number[] =>
  Array.from(
    { length: ROWS },
    (_, i) => ((i * step) % 2 === 0 ? size : -size) * (0.9 + ((i * step) % 11) / 50),
  );

function challenge(more: Partial<Challenge> = {}): Challenge {
  return {
    model: registeredModel('tonight/0'),
    champion,
    errors: errorsOf(1),
    championErrors: async () => errorsOf(1, 5),
    maxRmseIncrease: 0.02,
    seed: 42,
    ...more,
  };
}

const model = (facts: Partial<RegisteredModel>): RegisteredModel => registeredModel('tonight/0', facts);
const neverScored = async (): Promise<never> => {
  throw new Error('the champion was scored although it cannot be compared');
};

describe('a challenger', () => {
  test('without a champion is promoted', async () => {
    const proposal = await judge(challenge({ champion: null, championErrors: neverScored }));
    expect(proposal).toMatchObject({
      verdict: 'promote',
      against: null,
      comparison: null,
      reason: 'the first model of this name',
    });
  });

  test.for([
    ['the same bytes', { version: champion.version }, 'unchanged', 'byte for byte'],
    [
      'other features or target',
      { schemaSha256: 'other' },
      'refuse',
      'its features or target differ from those',
    ],
    ['another split', { split: 'seed 1' }, 'refuse', 'was trained on another split'],
  ] as const)('with %s is not compared, and the reason says why', async ([, facts, verdict, reason]) => {
    const proposal = await judge(challenge({ model: model(facts), championErrors: neverScored }));
    expect(proposal).toMatchObject({ verdict, against: champion.version, comparison: null });
    expect(proposal.reason).toContain(reason);
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
      championErrors: async () => errorsOf(1, 5),
    });

    expect((await judge({ ...slightlyWorse, maxRmseIncrease: 0.04 })).verdict).toBe('promote');
    expect((await judge({ ...slightlyWorse, maxRmseIncrease: 0.02 })).verdict).toBe('keep');
    expect((await judge({ ...slightlyWorse, maxRmseIncrease: 0 })).verdict).toBe('keep');
  });

  test('that looks equal on too few rows is not promoted', async () => {
    const noisy = (step: number) => Array.from({ length: 12 }, (_, i) => ((i * step) % 13) / 4 - 1.5);
    const { verdict, comparison } = await judge(
      challenge({ errors: noisy(5), championErrors: async () => noisy(8) }),
    );

    expect(Math.abs(comparison?.difference ?? 1)).toBeLessThan((comparison?.margin ?? 0) * 4);
    expect(comparison?.interval[1]).toBeGreaterThan(comparison?.margin ?? Infinity);
    expect(verdict).toBe('keep');
  });
});
