import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  awaitingRanges,
  cutToFit,
  deadLetterRecord,
  isReplayed,
  isUnproven,
  parseDeadLetter,
  reasonToLeave,
  replayRecord,
  toDeadLetter,
} from '../../../../src/domain/log/dead-letter.ts';
import { MalformedRecord } from '../../../../src/domain/errors.ts';
import { deadLetterHeader } from '../../../../src/domain/names.ts';
import type { LogRecord, OutgoingRecord } from '../../../../src/domain/log/record.ts';

const bytes = fc.uint8Array({ maxLength: 100 });
/** A producer may use any name, also those of our own headers. */
const headerName = fc.oneof(
  fc.string(),
  fc.constantFrom('constructor', '__proto__', ...Object.values(deadLetterHeader)),
);
const refused: fc.Arbitrary<LogRecord> = fc.record({
  partition: fc.nat(50),
  offset: fc.maxSafeNat(),
  timestamp: fc.maxSafeNat().map(String),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.tuple(headerName, bytes), { maxLength: 8 }),
});
const refusal = new MalformedRecord({ what: '"budget" is missing', where: 'a1[0]@7' });

/** The record as a consumer reads it. */
function written({ key, value, headers }: OutgoingRecord, partition = 1, offset = 3): LogRecord {
  const encode = (part: string | Uint8Array) =>
    typeof part === 'string' ? new TextEncoder().encode(part) : part;
  return {
    partition,
    offset,
    timestamp: '1700000000000',
    key: key === null ? null : encode(key),
    value: value === null ? null : encode(value),
    headers: headers.map(([name, header]) => [name, encode(header)]),
  };
}

function deadLetterOf(record: LogRecord, topic = 'a1'): LogRecord {
  return written(deadLetterRecord('run/1', topic, toDeadLetter(record, refusal)));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function refusedWith(keyBytes: number, valueBytes: number, headerBytes: number): LogRecord {
  return {
    partition: 0,
    offset: 7,
    timestamp: '0',
    key: new Uint8Array(keyBytes).fill(1),
    value: new Uint8Array(valueBytes).fill(2),
    headers: [['trace', new Uint8Array(headerBytes).fill(3)]],
  };
}

test('a replayed record is the refused one, byte for byte, whatever its header names', () => {
  fc.assert(
    fc.property(refused, (record) => {
      const { key, value, headers } = replayRecord(deadLetterOf(record));

      expect({ key, value, headers }).toEqual({
        key: record.key,
        value: record.value,
        headers: record.headers,
      });
    }),
  );
});

test('a dead letter names place, run and reason, whatever headers its record had', () => {
  fc.assert(
    fc.property(refused, (record) => {
      const deadLetter = deadLetterOf(record);

      expect(parseDeadLetter('a1', deadLetter)).toEqual({
        record: deadLetter,
        facts: {
          topic: 'a1',
          partition: record.partition,
          offset: record.offset,
          timestamp: record.timestamp,
          errorType: 'MalformedRecord',
          errorMessage: '"budget" is missing [a1[0]@7]',
          runId: 'run/1',
        },
      });
    }),
  );
});

describe('a dead letter that its topic would refuse', () => {
  const sizes = fc.nat(40_000);
  const large: fc.Arbitrary<LogRecord> = fc
    .tuple(sizes, sizes, sizes)
    .map(([key, value, header]) => refusedWith(key, value, header));

  test('is cut to fit, whichever of its parts are large', () => {
    fc.assert(
      fc.property(large, fc.integer({ min: 12_000, max: 60_000 }), (record, limit) => {
        const { key, value, headers } = deadLetterOf(cutToFit(record, limit, sha256));
        const parts = [key, value, ...headers.flatMap(([name, bytes]) => [Buffer.from(name), bytes])];

        expect(parts.reduce((sum, part) => sum + (part?.length ?? 0), 0)).toBeLessThan(limit);
      }),
    );
  });

  test('loses the end of its value first, and says length and hash of the whole', () => {
    const record = refusedWith(100, 30_000, 1_000);
    const deadLetter = deadLetterOf(cutToFit(record, 20_000, sha256));

    expect(parseDeadLetter('a1', deadLetter)).toMatchObject({
      facts: { offset: 7 },
      cut: { value: { bytes: 30_000, sha256: sha256(record.value as Uint8Array) } },
    });
    expect(deadLetter.key).toEqual(record.key);
    expect(deadLetter.headers.slice(0, record.headers.length)).toEqual(record.headers);
    const kept = deadLetter.value as Uint8Array;
    expect(kept.length).toBeGreaterThan(5_000);
    expect(kept).toEqual(record.value?.subarray(0, kept.length));
  });

  test('is left alone by a replay, which says where the whole record was', () => {
    const cut = cutToFit(refusedWith(100, 30_000, 0), 20_000, sha256);

    expect(reasonToLeave(parseDeadLetter('a1', deadLetterOf(cut)))).toBe(
      'it is cut short (its value of 30000 bytes); the whole record was a1[0]@7',
    );
    expect(reasonToLeave(parseDeadLetter('a1', deadLetterOf(refusedWith(1, 1, 1))))).toBeUndefined();
  });

  test('stays as it is while it fits, also with headers that say otherwise', () => {
    const record: LogRecord = {
      ...refusedWith(10, 10, 10),
      headers: [[deadLetterHeader.cut, Buffer.from('value')]],
    };

    expect(cutToFit(record, 20_000, sha256)).toBe(record);
    expect(parseDeadLetter('a1', deadLetterOf(record))).not.toHaveProperty('cut');
  });
});

describe('a record that is not a dead letter of the topic', () => {
  const deadLetter = deadLetterOf({
    partition: 0,
    offset: 7,
    timestamp: '0',
    key: null,
    value: null,
    headers: [],
  });
  const withHeader = (name: string, text: string): LogRecord => ({
    ...deadLetter,
    headers: [...deadLetter.headers, [name, new TextEncoder().encode(text)]],
  });

  test.for(Object.values(deadLetterHeader))(
    'because it lacks %s is foreign, and the reason says so',
    (name) => {
      const headers = deadLetter.headers.filter(([candidate]) => candidate !== name);
      const record = { ...deadLetter, headers };

      expect(parseDeadLetter('a1', record)).toEqual({ record, reason: `header ${name} is missing` });
    },
  );

  test.for([
    [deadLetterHeader.partition, '-1'],
    [deadLetterHeader.partition, ''],
    [deadLetterHeader.offset, '1e3'],
    [deadLetterHeader.offset, '9007199254740993'],
  ] as const)('because its %s is "%s" is foreign', ([name, text]) => {
    expect(parseDeadLetter('a1', withHeader(name, text))).toHaveProperty('reason');
  });

  test('because it was refused from another topic is foreign', () => {
    expect(parseDeadLetter('a2', deadLetter)).toHaveProperty('reason', 'it comes from another topic');
  });
});

describe('positions', () => {
  const at = (partition: number, offset: number, timestamp = '5') =>
    ({ partition, offset, timestamp, key: null, value: null, headers: [] }) satisfies LogRecord;

  test('say which records were replayed, and which ranges are left', () => {
    const positions = new Map([
      [0, 10],
      [1, 4],
      [3, 99],
    ]);
    const range = (partition: number, offsetFrom: number, offsetTo: number) => ({
      partition,
      offsetFrom,
      offsetTo,
    });

    expect(
      awaitingRanges([range(0, 0, 10), range(1, 0, 10), range(2, 3, 10), range(3, 0, 10)], positions),
    ).toEqual([range(1, 4, 10), range(2, 3, 10)]);
    expect([at(0, 9), at(0, 10), at(2, 0)].map((record) => isReplayed(record, positions))).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('that may have expired prove nothing about older dead letters', () => {
    const none = new Map<number, number>();

    expect(isUnproven(at(0, 1, '100'), none, 100)).toBe(true);
    expect(isUnproven(at(0, 1, '101'), none, 100)).toBe(false);
    expect(isUnproven(at(0, 1, '100'), new Map([[0, 0]]), 100)).toBe(false);
  });
});
