import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  combineContentHashes,
  contentHashOf,
  createContentHash,
  EMPTY_CONTENT_HASH,
  type HashedRecord,
} from '../../../../src/domain/log/content-hash.ts';

const part = fc.option(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 40 })));
const anyRecord: fc.Arbitrary<HashedRecord> = fc.record({ key: part, value: part });
const records = fc.array(anyRecord);
const someRecords = fc.array(anyRecord, { minLength: 1 });

test('the hash does not depend on the order of the records', () => {
  const shuffled = records.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      expect(contentHashOf(other)).toBe(contentHashOf(all));
    }),
  );
});

test('hashes of the parts add up to the hash of the whole, however it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyRecord, fc.nat(4))), (cut) => {
      const hashOf = (some: typeof cut) => contentHashOf(some.map(([record]) => record));
      const parts = [0, 1, 2, 3, 4].map((number) => cut.filter(([, place]) => place === number));

      expect(combineContentHashes(parts.map(hashOf))).toBe(hashOf(cut));
    }),
  );
});

test('one record dropped, duplicated or changed gives another hash', () => {
  fc.assert(
    fc.property(someRecords, fc.nat(), fc.nat(7), (all, nth, bit) => {
      const position = nth % all.length;
      const record = all[position] as HashedRecord;
      const hash = contentHashOf(all);
      const bytes = Buffer.from((record.value ?? 'none') as string);
      const changed = Buffer.concat([bytes, Buffer.of(0)]);
      const at = nth % changed.length;
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);

      expect(contentHashOf(all.toSpliced(position, 1))).not.toBe(hash);
      expect(contentHashOf([...all, record])).not.toBe(hash);
      expect(contentHashOf(all.with(position, { ...record, value: changed }))).not.toBe(hash);
    }),
  );
});

test('a pair of equal records changes the hash, which xor would not', () => {
  const record = { key: 'record', value: null };

  expect(contentHashOf([record, record])).not.toBe(EMPTY_CONTENT_HASH);
});

test('the hash is always 32 hex digits, also when the sum overflows', () => {
  expect(contentHashOf([])).toBe(EMPTY_CONTENT_HASH);
  expect(combineContentHashes(['f'.repeat(32), `${'0'.repeat(31)}2`])).toBe(`${'0'.repeat(31)}1`);
});

test('sums of many records are exact, before and after they are carried', () => {
  const record = { key: 'k', value: 'v' };
  const one = BigInt(`0x${contentHashOf([record])}`);
  const hash = createContentHash();
  const count = 10_000;
  for (let i = 0; i < count; i += 1) hash.add(record);

  expect(BigInt(`0x${hash.value()}`)).toBe(BigInt.asUintN(128, one * BigInt(count)));
  hash.add(record);
  expect(BigInt(`0x${hash.value()}`)).toBe(BigInt.asUintN(128, one * BigInt(count + 1)));
});

test('the digest of a record distinguishes its key, its value and what is null', () => {
  const hashOf = (key: string | null, value: string | null) => contentHashOf([{ key, value }]);
  const all = [
    hashOf('a', 'bc'),
    hashOf('ab', 'c'),
    hashOf('abc', ''),
    hashOf('', 'abc'),
    hashOf(null, 'abc'),
    hashOf('abc', null),
    hashOf('bc', 'a'),
    hashOf('', ''),
    hashOf(null, ''),
    hashOf('', null),
    hashOf(null, null),
  ];

  expect(new Set(all).size).toBe(all.length);
});

test('a record has the same digest as text before sending and as bytes after reading', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (key, value) => {
      const bytes = (text: string) => new TextEncoder().encode(text);

      expect(contentHashOf([{ key: bytes(key), value: bytes(value) }])).toBe(contentHashOf([{ key, value }]));
    }),
  );
});
