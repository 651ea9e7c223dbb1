import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_CONTENT_HASH } from '../../../../src/domain/log/content-hash.ts';
import {
  afterBatch,
  findInLane,
  UNCLAIMED,
  type LaneBatch,
  type LaneState,
} from '../../../../src/domain/stream/lane.ts';
import { placesOf, STEPS, TOPIC, World, WRITTEN } from '../../../support/unit/stream-world.ts';

const OFTEN = ['start', 'begin', 'commit', 'end', 'start', 'begin', 'commit', 'retry'] as const;
const step = fc.tuple(
  fc.constantFrom(...OFTEN, ...OFTEN, ...(Object.keys(STEPS) as (keyof typeof STEPS)[])),
  fc.nat(10),
);

test('whatever fails, is retried, skipped or restarted, each record is scored once', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 200, size: 'max' }), (steps) => {
      const world = new World();
      for (const [what, choice] of [['produce', 10], ['produce', 7], ...steps] as typeof steps) {
        STEPS[what](world, choice);
      }
      world.finish();

      const all = world.ends.flatMap(({ partition, offset }) =>
        placesOf([{ partition, offsetFrom: 0, offsetTo: offset }]),
      );
      const missing = all.filter((place) => !world.scored.has(place) && !world.skipped.has(place));
      const twice = [...world.scored].filter(([, times]) => times > 1);
      expect({ missing, twice }).toEqual({ missing: [], twice: [] });
      expect(world.ledger.watermark()).toEqual(world.ends);
      expect(world.queue.failed()).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

const ready: LaneState = {
  ...UNCLAIMED,
  epoch: 2,
  run: 'r',
  batch: 7,
  source: TOPIC,
  watermark: [{ partition: 0, offset: 10 }],
  finished: [{ partition: 0, offsetFrom: 20, offsetTo: 30 }],
};
const attempt: LaneBatch = {
  epoch: 2,
  run: 'r',
  batch: 8,
  topic: TOPIC,
  ranges: [{ partition: 0, offsetFrom: 10, offsetTo: 20 }],
  watermark: ready.watermark,
  finished: [],
  failed: [],
};

test.for<[string, Partial<LaneState>, Partial<LaneBatch>, string]>([
  ['after a later start', { epoch: 3 }, {}, 'StreamOvertaken'],
  ['after a later batch of its lane', {}, { batch: 6 }, 'StreamOvertaken'],
  ['whose records are finished', {}, { ranges: ready.finished }, 'StreamOvertaken'],
  ['that a skip has overtaken', {}, { batch: 6, isRetry: true, ranges: ready.finished }, 'StreamOvertaken'],
  ['that was published with other ranges', { batch: 8, written: 8 }, {}, 'StreamOvertaken'],
  ['of another run, after a reset', {}, { run: 'r2' }, 'StreamOvertaken'],
  ['whose lane was forgotten', { ...UNCLAIMED }, {}, 'PositionLost'],
  ['whose topic was deleted', { watermark: [], finished: [] }, {}, 'PositionLost'],
])('a batch %s writes nothing', ([, lane, batch, name]) => {
  expect(findInLane(ready, attempt, WRITTEN)).toBeUndefined();
  expect(() => findInLane({ ...ready, ...lane }, { ...attempt, ...batch }, WRITTEN)).toThrow(
    expect.objectContaining({ name }),
  );
});

test('a retry that commits late keeps what a newer batch has committed', () => {
  const written = (records: number) => [
    {
      topic: WRITTEN[0] as string,
      partitions: [{ partition: 0, offsetFrom: 0, offsetTo: 9, records, contentHash: EMPTY_CONTENT_HASH }],
    },
  ];
  const newer: LaneBatch = { ...attempt, batch: 9, ranges: [{ partition: 0, offsetFrom: 30, offsetTo: 40 }] };
  const first = afterBatch(ready, newer, written(4));
  const late = afterBatch(first, { ...attempt, isRetry: true }, written(7));

  expect(late).toMatchObject({ batch: 9, written: 8, kept: [{ batch: 9, records: [4] }] });
  expect(findInLane(late, newer, WRITTEN)?.[0]?.partitions[0]?.records).toBe(4);
  expect(findInLane(late, attempt, WRITTEN)?.[0]?.partitions[0]?.records).toBe(7);
});
