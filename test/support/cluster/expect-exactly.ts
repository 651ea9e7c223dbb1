import { expect } from 'vitest';
import { manifestTotals, type TopicManifest } from '../../../src/domain/log/offsets.ts';
import type { TestEnvironment } from '../environment.ts';
import { hashOf, keysOf, readSettled } from '../log/record-log.ts';

/** An ordinary consumer finds the records of the manifests, where they say, each key once, and nothing else. */
export async function expectExactly(
  environment: TestEnvironment,
  topic: string,
  manifests: readonly TopicManifest[],
  keys: readonly unknown[],
): Promise<void> {
  const messages = await readSettled(environment, topic);
  expect(keysOf(messages)).toEqual(keys.map(String).sort());
  const ranges = manifests.flatMap(({ partitions }) => partitions);
  const outside = messages.filter(({ partition, offset }) =>
    ranges.every(
      (range) =>
        range.partition !== partition ||
        Number(offset) < range.offsetFrom ||
        Number(offset) >= range.offsetTo,
    ),
  );
  expect(outside.map(({ partition, offset }) => `${partition}@${offset}`)).toEqual([]);
  const totals = manifestTotals({ topic, partitions: ranges });
  expect(totals).toEqual({ records: messages.length, contentHash: hashOf(messages) });
}
