import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import {
  sampleDigestText,
  samplePosition,
  sampleThreshold,
} from '../../../../src/domain/dataset/row-sample.ts';

const position = (key: string): number => samplePosition(nodeDigests.sha256(sampleDigestText(42, key)));
const positions = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), {
  minLength: 1,
  maxLength: 200,
});

function take(all: readonly number[], maxRows: number): number[] {
  const threshold = sampleThreshold(Float64Array.from(all), maxRows);
  return all.filter((one) => one < threshold);
}

describe('sampleThreshold', () => {
  it('takes exactly as many rows as wanted when keys differ', () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => position(`tt${i}`));
    expect(take(keys, 1234)).toHaveLength(1234);
    expect(take(keys, 9_999)).toHaveLength(9_999);
    expect(take(keys, 10_000)).toHaveLength(10_000);
  });

  it('takes the lowest positions, at most as many as wanted, in any order', () => {
    fc.assert(
      fc.property(positions, fc.integer({ min: 1, max: 200 }), (all, maxRows) => {
        const sorted = all.toSorted((a, b) => a - b);
        const next = sorted[maxRows] ?? 1;
        const expected = sorted.filter((one) => one < next);
        expect(take(all.toReversed(), maxRows).sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it('keeps the rows of a smaller sample in a larger one', () => {
    const keys = Array.from({ length: 3000 }, (_, i) => position(`tt${i % 900}`));
    const larger = new Set(take(keys, 2000));
    expect(take(keys, 500).every((one) => larger.has(one))).toBe(true);
  });
});
