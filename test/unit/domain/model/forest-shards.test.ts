import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planShards, SHARD_ROW_TREES } from '../../../../src/domain/model/forest-shards.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';

const { forest } = parsePipelineInput({});

test('shards cover every tree exactly once, in order, and differ by at most one tree', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 100 }), (trees, wanted) => {
      const plan = planShards({ ...forest, trees, shards: Math.min(wanted, trees) }, 1_000);
      const sizes = plan.map(({ count }) => count);
      let next = 0;
      for (const { first, count } of plan) {
        expect(first).toBe(next);
        next += count;
      }

      expect(next).toBe(trees);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

test('one activity trains up to the stated amount of work, several beyond it', () => {
  const rows = SHARD_ROW_TREES / 100;

  expect(planShards({ ...forest, trees: 100 }, rows)).toEqual([{ first: 0, count: 100 }]);
  expect(planShards({ ...forest, trees: 100 }, rows + 1)).toEqual([
    { first: 0, count: 50 },
    { first: 50, count: 50 },
  ]);
});

test('the number of shards is bounded, and every shard has a tree', () => {
  expect(planShards({ ...forest, trees: 10_000 }, 10_000_000)).toHaveLength(20);
  expect(planShards({ ...forest, trees: 2 }, 1_000_000_000)).toHaveLength(2);
});

test('more shards than trees are refused', () => {
  expect(() => parsePipelineInput({ forest: { trees: 3, shards: 4 } })).toThrow(
    'forest.shards: there are more shards than trees',
  );
});

test('ml-random-forest trains in one activity, and more shards are refused', () => {
  const engine = 'ml-random-forest';

  expect(planShards({ ...forest, engine, trees: 100 }, 1_000_000_000)).toEqual([{ first: 0, count: 100 }]);
  expect(parsePipelineInput({ forest: { engine, shards: 1 } }).forest.shards).toBe(1);
  expect(() => parsePipelineInput({ forest: { engine, shards: 2 } })).toThrow(
    'forest.shards: the engine "ml-random-forest" trains in one activity',
  );
});
