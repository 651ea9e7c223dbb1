import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MalformedRecord } from '../../../../src/domain/errors.ts';
import { fromJsonBytes, toJsonBytes } from '../../../../src/domain/log/bytes.ts';
import { fromDeadLetterBatch, toDeadLetterBatches } from '../../../../src/domain/log/dead-letter-table.ts';
import { deadLetterRecord, toDeadLetter, type DeadLetter } from '../../../../src/domain/log/dead-letter.ts';
import {
  createPredictionRecords,
  parsePrediction,
  type Prediction,
} from '../../../../src/domain/log/prediction.ts';
import type { LogRecord, OutgoingRecord } from '../../../../src/domain/log/record.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const logRecord: fc.Arbitrary<LogRecord> = fc.record({
  partition: fc.nat(50),
  offset: fc.maxSafeNat(),
  timestamp: fc.maxSafeNat().map(String),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(fc.tuple(fc.string(), bytes), { maxLength: 5 }),
});
const refusal = new MalformedRecord({ what: '"budget" is missing', where: 'a1[0]@7' });

/** Dead letters are kept in an artifact, which is a table. */
function throughArtifact(deadLetter: DeadLetter): DeadLetter {
  return [...toDeadLetterBatches([deadLetter])].flatMap(fromDeadLetterBatch)[0] as DeadLetter;
}

/** As Kafka stores it. */
function toBytes(content: string | Uint8Array | null): Uint8Array | null {
  return typeof content === 'string' ? new TextEncoder().encode(content) : content;
}

test('different bytes stay different in JSON, also those that are no text', () => {
  const keys = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  );
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      const [storedA, storedB] = [a, b].map((bytes) => JSON.stringify(toJsonBytes(bytes)));

      expect(fromJsonBytes(toJsonBytes(a))).toEqual(a);
      expect(storedA === storedB).toBe(Buffer.from(a).equals(b));
    }),
  );
});

function headerOf({ headers }: OutgoingRecord, name: string): string | Uint8Array | undefined {
  return headers.findLast(([candidate]) => candidate === name)?.[1];
}

test('a dead letter keeps key, value and headers byte for byte', () => {
  fc.assert(
    fc.property(logRecord, (record) => {
      const sent = deadLetterRecord('run', 'a1', throughArtifact(toDeadLetter(record, refusal)));

      expect(toBytes(sent.key)).toEqual(record.key);
      expect(toBytes(sent.value)).toEqual(record.value);
      expect(
        sent.headers.slice(0, record.headers.length).map(([name, value]) => [name, toBytes(value)]),
      ).toEqual(record.headers);
    }),
  );
});

test('a dead letter says where its record was read, by which run, and the error', () => {
  fc.assert(
    fc.property(logRecord, (record) => {
      const sent = deadLetterRecord('run/1', 'a1', throughArtifact(toDeadLetter(record, refusal)));

      expect(
        ['topic', 'partition', 'offset', 'timestamp', 'error-type', 'error-message', 'run-id'].map((name) =>
          headerOf(sent, `dead-letter.${name}`),
        ),
      ).toEqual([
        'a1',
        String(record.partition),
        String(record.offset),
        record.timestamp,
        'MalformedRecord',
        '"budget" is missing [a1[0]@7]',
        'run/1',
      ]);
    }),
  );
});

const prediction: fc.Arbitrary<Prediction> = fc.record({
  rowId: fc.option(fc.nat()),
  prediction: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  actual: fc.option(fc.integer({ min: 0, max: 100 }).map((tenths) => tenths / 10)),
  modelVersion: fc.string(),
  source: fc.record({ topic: fc.string(), partition: fc.nat(), offset: fc.maxSafeNat() }),
});

test('a prediction is the same after writing and reading its record', () => {
  fc.assert(
    fc.property(prediction, fc.option(fc.uint8Array({ maxLength: 20 })), (scored, sourceKey) => {
      const { rowId, prediction, actual, modelVersion, source } = scored;
      const { topic, partition, offset } = source;
      const { key, value } = createPredictionRecords({ run: 'run', topic, modelVersion })(sourceKey, {
        rowId: rowId ?? Number.NaN,
        prediction,
        actual: actual ?? Number.NaN,
        partition,
        offset,
      });
      const read = parsePrediction('a1.predictions', {
        partition: 0,
        offset: 1,
        timestamp: '0',
        key: null,
        value: value as Uint8Array,
        headers: [],
      });

      expect(String(Buffer.from(value as Uint8Array))).toBe(
        JSON.stringify({ rowId, prediction, actual, modelVersion, source: { topic, partition, offset } }),
      );
      expect(read).toEqual(scored);
      expect(key).toBe(sourceKey);
    }),
  );
});

const PLACE = '"source":{"topic":"a1","partition":0,"offset":1}';
test.for([
  null,
  '',
  '{',
  'null',
  '7',
  '{"rowId":1,"prediction":6,"actual":7}',
  `{"rowId":1,"prediction":null,"actual":7,${PLACE}}`,
  `{"rowId":"1","prediction":6,"actual":7,${PLACE}}`,
  `{"rowId":1,"prediction":6,${PLACE}}`,
])('a record that is not a prediction is a MalformedRecord with its place: %s', (text) => {
  const value = toBytes(text);
  const record = { partition: 2, offset: 9, timestamp: '0', key: null, value, headers: [] };

  expect(() => parsePrediction('a1.predictions', record)).toThrow(MalformedRecord);
  expect(() => parsePrediction('a1.predictions', record)).toThrow('[a1.predictions[2]@9]');
});
