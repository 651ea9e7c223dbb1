import { expect, test } from 'vitest';
import { MAX_BATCH_BYTES } from '../../../../../src/adapters/kafka/produce/record-batch.ts';
import { createRecordSets } from '../../../../../src/adapters/kafka/produce/record-sets.ts';
import { contentHashOf } from '../../../../../src/domain/log/content-hash.ts';
import type { OutgoingRecord } from '../../../../../src/domain/log/record.ts';

const partitionMetadata = [0, 1, 2].map((partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 1,
  replicas: [1],
  isr: [1],
}));
const VALUE_BYTES = 1_000;

function recordsOf(count: number, valueBytes = VALUE_BYTES): OutgoingRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    key: i % 5 === 0 ? null : `key-${i}`,
    value: '.'.repeat(valueBytes),
    headers: [['run-id', 'run']],
  }));
}

test('records are divided by partition, none is lost, and each part has its hash', () => {
  const records = recordsOf(3_000);
  const sets = createRecordSets('a1', partitionMetadata);
  for (const record of records) sets.add(record);
  const parts = sets.byPartition();

  expect(parts.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  expect(parts.reduce((sum, { count }) => sum + count, 0)).toBe(records.length);
  for (const { count, batches, hash } of parts) {
    expect(batches.reduce((sum, batch) => sum + batch.records, 0)).toBe(count);
    expect(hash.value()).toMatch(/^[0-9a-f]{32}$/);
  }
  const bytes = parts.flatMap(({ batches }) => batches).map(({ size }) => size);
  expect(Math.max(...bytes)).toBeLessThanOrEqual(MAX_BATCH_BYTES);
  expect(sets.bytes()).toBeGreaterThan(records.length * VALUE_BYTES);
});

test('a partition has the hash of its records, whatever memory they were in', () => {
  const sets = createRecordSets('a1', partitionMetadata.slice(0, 1));
  const memory = Buffer.alloc(40);
  const texts = ['first', 'second record', ''];
  for (const text of texts) {
    const value = memory.subarray(0, memory.write(text));
    sets.add({ key: value.subarray(0, 3), value, headers: [] });
  }

  expect(sets.byPartition()[0]?.hash.value()).toBe(
    contentHashOf(texts.map((text) => ({ key: text.slice(0, 3), value: text }))),
  );
});

test('a record that is larger than a batch has one of its own', () => {
  const sets = createRecordSets('a1', partitionMetadata.slice(0, 1));
  for (const size of [10, MAX_BATCH_BYTES, 10, 20]) sets.add(recordsOf(1, size)[0] as OutgoingRecord);

  expect(sets.byPartition()[0]?.batches.map(({ records }) => records)).toEqual([1, 1, 2]);
});
