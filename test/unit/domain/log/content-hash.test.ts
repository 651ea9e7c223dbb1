import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import {
  combineContentHashes,
  contentHashOf,
  EMPTY_CONTENT_HASH,
} from '../../../../src/domain/log/content-hash.ts';

const digests = fc.array(fc.string().map((text) => nodeDigests.sha256(text)));
const someDigests = fc.array(
  fc.string().map((text) => nodeDigests.sha256(text)),
  { minLength: 1 },
);

test('the hash does not depend on the order of the records', () => {
  const shuffled = digests.chain((all) =>
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
    fc.property(fc.array(fc.tuple(fc.string(), fc.nat(4))), (records) => {
      const hashOf = (part: typeof records) => contentHashOf(part.map(([text]) => nodeDigests.sha256(text)));
      const parts = [0, 1, 2, 3, 4].map((number) => records.filter(([, part]) => part === number));

      expect(combineContentHashes(parts.map(hashOf))).toBe(hashOf(records));
    }),
  );
});

test('one record dropped, duplicated or changed gives another hash', () => {
  fc.assert(
    fc.property(someDigests, fc.nat(), (all, nth) => {
      const position = nth % all.length;
      const record = all[position] as string;
      const hash = contentHashOf(all);

      expect(contentHashOf(all.toSpliced(position, 1))).not.toBe(hash);
      expect(contentHashOf([...all, record])).not.toBe(hash);
      expect(contentHashOf(all.with(position, nodeDigests.sha256(record)))).not.toBe(hash);
    }),
  );
});

test('a pair of equal records changes the hash, which xor would not', () => {
  const record = nodeDigests.sha256('record');

  expect(contentHashOf([record, record])).not.toBe(EMPTY_CONTENT_HASH);
});

test('the hash is always 32 hex digits, also when the sum overflows', () => {
  expect(contentHashOf([])).toBe(EMPTY_CONTENT_HASH);
  expect(contentHashOf(['f'.repeat(64), `${'0'.repeat(31)}2${'0'.repeat(32)}`])).toBe(`${'0'.repeat(31)}1`);
});

test('the digest of a record distinguishes its key from its value', () => {
  const record = (key: string, value: string) => nodeDigests.record({ key, value });

  expect(record('a', 'bc')).not.toBe(record('ab', 'c'));
  expect(record('a', 'b')).not.toBe(record('b', 'a'));
});

test('a record has the same digest as text before sending and as bytes after reading', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (key, value) => {
      const bytes = (text: string) => new TextEncoder().encode(text);

      expect(nodeDigests.record({ key: bytes(key), value: bytes(value) })).toBe(
        nodeDigests.record({ key, value }),
      );
    }),
  );
});
