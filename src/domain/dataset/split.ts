import { SPLITS, type Split } from '../names.ts';

export type SplitFractions = Readonly<Record<Split, number>>;

/**
 * Which split a row belongs to. It depends on seed and key alone: a film stays in its split when the file is reordered
 * or extended, and duplicates never leak from train into evaluation.
 *
 * @param digest hex sha256 of `seed:key`; its first 52 bits are read as a number in [0, 1).
 */
export function assignSplit(digest: string, fractions: SplitFractions): Split {
  const position = parseInt(digest.slice(0, 13), 16) / 2 ** 52;
  let upper = 0;
  for (const split of SPLITS) {
    upper += fractions[split];
    if (position < upper) return split;
  }
  return 'stream'; // Fractions may add up to 1 − 1e-9.
}

export function splitDigestText(seed: number, key: string): string {
  return `${seed}:${key}`;
}
