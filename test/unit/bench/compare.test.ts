import { expect, test } from 'vitest';
import { bestPeer } from '../../../bench/forest/compare.ts';

const sample = (seconds: number, rmse: number) => [{ seconds, rmse }];

test('the best peer is the fastest of those whose error is not larger', () => {
  const peers = { exact: sample(4, 0.7), binned: sample(2, 0.705), coarse: sample(1, 0.75) };

  expect(bestPeer(sample(1, 0.7), peers)).toEqual({ name: 'binned', ratio: 2 });
  expect(bestPeer(sample(1, 0.5), peers)).toBeUndefined();
});
