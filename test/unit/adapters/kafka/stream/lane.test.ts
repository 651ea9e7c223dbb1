import type { Admin, TopicOffsets } from 'kafkajs';
import { expect, test } from 'vitest';
import { fetchLane, toLaneMarker } from '../../../../../src/adapters/kafka/stream/lane.ts';
import type { LaneState } from '../../../../../src/domain/stream/lane.ts';
import { numbersBelow } from '../../../../support/unit/rating-table.ts';

/** The broker's default limit of an offset's metadata (`offset.metadata.max.bytes`). */
const MAX_METADATA_BYTES = 4_096;
const hash = 'f'.repeat(32);

/** The group's committed offsets; each commit replaces those of its partitions only. */
function fakeGroup() {
  type Partitions = Map<number, { readonly offset: string; readonly metadata?: string }>;
  const offsets = new Map<string, Partitions>();
  return {
    commit(marker: readonly TopicOffsets[]): void {
      for (const { topic, partitions } of marker) {
        const known = offsets.get(topic) ?? (new Map() as Partitions);
        for (const { partition, ...committed } of partitions) known.set(partition, committed);
        offsets.set(topic, known);
      }
    },
    metadata: () => [...offsets.values()].flatMap((partitions) => [...partitions.values()]),
    read: () =>
      fetchLane(
        {
          fetchOffsets: async () =>
            [...offsets].map(([topic, partitions]) => ({
              topic,
              partitions: [...partitions].map(([partition, committed]) => ({ partition, ...committed })),
            })),
        } as unknown as Admin,
        'imdb-stream/x/lane-0',
      ),
  };
}

const manifest = (topic: string, partition: number) => ({
  topic,
  partitions: [{ partition, offsetFrom: 5, offsetTo: 9, records: 4, contentHash: hash }],
});

const state: LaneState = {
  epoch: 2,
  run: '01a227c7-0f16-7d12-94c6-099a0cf64c54',
  batch: 9,
  source: 'a1',
  watermark: [
    { partition: 0, offset: 100 },
    { partition: 1, offset: 7 },
  ],
  finished: [
    { partition: 0, offsetFrom: 90, offsetTo: 110 },
    { partition: 0, offsetFrom: 130, offsetTo: 131 },
    { partition: 1, offsetFrom: 8, offsetTo: 9 },
  ],
  written: 4,
  manifests: [manifest('a1.predictions', 0), manifest('a1.dead-letters', 2)],
  kept: [{ batch: 3, records: [4, 0] }],
};

test('a lane is read as it was committed, whatever its group holds of earlier batches', async () => {
  const group = fakeGroup();
  expect(await group.read()).toMatchObject({ epoch: 0, batch: -1, source: undefined, watermark: [] });
  group.commit(toLaneMarker({ ...state, source: 'b2', epoch: 1, batch: 99 }));
  group.commit(
    toLaneMarker({ ...state, written: 8, manifests: [manifest('a1.predictions', 1)], finished: [] }),
  );
  group.commit(toLaneMarker(state));

  expect(await group.read()).toEqual(state);
});

test('a marker fits into the broker’s limit with 150 gaps and as many failed batches', async () => {
  const group = fakeGroup();
  const finished = numbersBelow(150).map((i) => {
    const offsetFrom = 1e12 + 300_000 * i;
    return { partition: 0, offsetFrom, offsetTo: offsetFrom + 100_000 };
  });
  const kept = numbersBelow(150).map((i) => ({ batch: 1e6 + i, records: [99_999, 99_999] }));
  const watermark = [{ partition: 0, offset: 1e12 - 100_000 }];
  const wide = { ...state, watermark, finished, kept };
  group.commit(toLaneMarker(wide));

  expect(await group.read()).toEqual(wide);
  const sizes = group.metadata().map(({ metadata = '' }) => Buffer.byteLength(metadata));
  expect(Math.max(...sizes)).toBeLessThan(MAX_METADATA_BYTES);
});
