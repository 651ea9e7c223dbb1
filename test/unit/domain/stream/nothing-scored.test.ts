import { expect, test } from 'vitest';
import {
  describeNothingScored,
  firstBadOf,
  hasScoredNothing,
  sampleBadRecord,
} from '../../../../src/domain/stream/nothing-scored.ts';

const sampled = (value: string | Uint8Array | null) =>
  sampleBadRecord({
    partition: 0,
    offset: 3,
    value: typeof value === 'string' ? new TextEncoder().encode(value) : value,
    errorType: 'MalformedRecord',
    errorMessage: '"budget" is not a number [a1[0]@3]',
  }).value;

test('the sample of a bad record is one short printable line, whatever it holds', () => {
  expect(sampled('{"budget": "NA"}')).toBe('{"budget": "NA"}');
  expect(sampled('a\nb\u001B[31m\u202Ec')).toBe('a·b·[31m·c');
  expect(sampled(new Uint8Array([0xff, 0x00, 0x7b]))).toBe('··{');
  expect(sampled('é🎬'.repeat(100))).toBe(`${'é🎬'.repeat(40)}…`);
  expect([sampled(null), sampled('')]).toEqual(['no value', 'an empty value']);
});

test('a stream has scored nothing when it read records and all were dead-lettered', () => {
  expect(hasScoredNothing({ predicted: 0, deadLettered: 3 })).toBe(true);
  expect(hasScoredNothing({ predicted: 1, deadLettered: 3 })).toBe(false);
  expect(hasScoredNothing({ predicted: 0, deadLettered: 0 })).toBe(false);
});

test('the first bad record is kept until a record is scored', () => {
  const first = { partition: 0, offset: 3, reason: 'MalformedRecord: x', value: 'a' };
  const second = { ...first, offset: 7, value: 'b' };
  const none = { predicted: 0, deadLettered: 1 };
  const kept = firstBadOf({ ...none, firstBad: first }, { ...none, firstBad: second });

  expect(kept).toBe(first);
  expect(firstBadOf({ ...none, firstBad: second }, { ...none, firstBad: first })).toBe(first);
  expect(firstBadOf({ ...none, firstBad: first }, { ...none, predicted: 1 })).toBeUndefined();
  expect(describeNothingScored('a1', { ...none, deadLettered: 40, firstBad: first })).toBe(
    'none of 40 records could be scored, all are in a1.dead-letters; the first: MalformedRecord: x; its value begins with a',
  );
});
