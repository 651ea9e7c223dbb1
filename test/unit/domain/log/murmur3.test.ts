import { expect, test } from 'vitest';
import { murmur3 } from '../../../../src/domain/log/murmur3.ts';

// Of the reference implementation.
test.for([
  ['', '00000000000000000000000000000000'],
  ['a', 'a794933c5556b01b5556b01b5556b01b'],
  ['hello', '2b2444a0db91def79adb31b69adb31b6'],
  ['The quick brown fox jumps over the lazy dog', '2f1583c3ecee2c675d7bf66ce5e91d2c'],
  ['0123456789abcdef', 'fb7d440936aed30a48ad1d9b572b3bfd'],
  ['0123456789abcdefXYZ', '639b7bcf4aa7a92efaec1e0f691e504f'],
] as const)('the hash of "%s" is that of MurmurHash3_x86_128', ([text, expected]) => {
  const lanes = new Int32Array(4);
  const bytes = new TextEncoder().encode(`..${text}.`);
  murmur3(new DataView(bytes.buffer), bytes.byteOffset + 2, bytes.length - 3, lanes);

  expect(Array.from(lanes, (lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('')).toBe(expected);
});
