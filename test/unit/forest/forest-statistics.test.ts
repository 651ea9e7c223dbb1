import { expect, test } from 'vitest';
import { decodeForest } from '../../../src/forest/forest-file.ts';
import { forestStatistics } from '../../../src/forest/forest-statistics.ts';
import { forestBytesOf, type HandMadeNode } from '../../support/unit/model-file.ts';

function statisticsOf(...trees: (readonly HandMadeNode[])[]) {
  return forestStatistics(decodeForest('the test', forestBytesOf(2, ...trees)));
}

test('depth counts the splits above a tree’s farthest leaf; its mean is over trees', () => {
  const deepOnTheLeft: HandMadeNode[] = [[3, 6, 0], [2, 5, 0], [1, 4, 1], 1, 2, 3, 4];
  const deepOnTheRight: HandMadeNode[] = [[3, 2, 0], 1, [4, 4, 0], 2, 3];

  expect(statisticsOf(deepOnTheLeft, deepOnTheRight, [7])).toEqual({
    trees: 3,
    nodes: 13,
    leaves: 8,
    depth: { max: 3, mean: 5 / 3 },
  });
});

test.for(['left', 'right'])('a tree that goes %s 100,000 times is measured', (side) => {
  const splits = 100_000;
  const chain: HandMadeNode[] =
    side === 'left'
      ? [
          ...Array.from({ length: splits }, (_, i) => [i, 2 * splits - i, 0] as const),
          ...Array<number>(splits + 1).fill(1),
        ]
      : [...Array.from({ length: splits }, (_, i) => [[i, 2 * i + 2, 0] as const, 1]).flat(), 1];

  expect(statisticsOf(chain)).toMatchObject({ nodes: 2 * splits + 1, depth: { max: splits, mean: splits } });
});
