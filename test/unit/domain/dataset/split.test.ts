import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { SPLITS, type Split } from '../../../../src/domain/names.ts';
import { assignSplit, splitDigestText, type SplitFractions } from '../../../../src/domain/dataset/split.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const fractions = fc
  .tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }))
  .map(([train, batch, stream]): SplitFractions => {
    const sum = train + batch + stream;
    return { train: train / sum, batch: batch / sum, stream: stream / sum };
  });

function splitOf(seedValue: number, key: string, shares: SplitFractions): Split {
  return assignSplit(nodeDigests.sha256(splitDigestText(seedValue, key)), shares);
}

test('a larger train fraction only adds rows to train and takes none away', () => {
  fc.assert(
    fc.property(
      seed,
      fc.string(),
      fractions,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (s, key, some, by) => {
        const more = {
          train: some.train + by * some.batch,
          batch: (1 - by) * some.batch,
          stream: some.stream,
        };
        fc.pre(splitOf(s, key, some) === 'train');

        expect(splitOf(s, key, more)).toBe('train');
      },
    ),
  );
});

test('every split gets its fraction of the keys, within six standard deviations', () => {
  const keys = numbersBelow(2_000).map((film) => `https://www.imdb.com/title/tt${film}/`);
  fc.assert(
    fc.property(seed, fractions, (s, shares) => {
      const assigned = keys.map((key) => splitOf(s, key, shares));
      for (const split of SPLITS) {
        const expected = shares[split] * keys.length;
        const deviation = Math.sqrt(expected * (1 - shares[split]));
        const count = assigned.filter((name) => name === split).length;

        expect(Math.abs(count - expected)).toBeLessThanOrEqual(6 * deviation);
      }
    }),
    { numRuns: 25 },
  );
});

test('another seed gives another split', () => {
  const shares = { train: 0.8, batch: 0.1, stream: 0.1 };
  const splitsOf = (s: number) => numbersBelow(500).map((film) => splitOf(s, `film-${film}`, shares));

  expect(splitsOf(1)).not.toEqual(splitsOf(2));
});

test('seed and key are separated in the text that is hashed', () => {
  expect(splitDigestText(1, '2:x')).not.toBe(splitDigestText(12, 'x'));
  expect(splitDigestText(1, '1x')).not.toBe(splitDigestText(11, 'x'));
});

test('the first and the last digest get a split, even if fractions sum to below 1', () => {
  const short = { train: 0.8, batch: 0.1, stream: 0.1 - 1e-9 };

  expect(assignSplit('0'.repeat(64), short)).toBe('train');
  expect(assignSplit('f'.repeat(64), short)).toBe('stream');
});
