import { createHash } from 'node:crypto';
import { CompressionTypes } from 'kafkajs';
import { describe, expect } from 'vitest';
import { deadLettersTopic, predictionsTopic } from '../../../src/domain/names.ts';
import { readSettled } from '../../support/log/record-log.ts';
import { test } from '../../support/log/score-by-hand.ts';

const good = (budget: number) => JSON.stringify({ budget, imdb_score: 5 });
const hex = (key: Buffer | null) => (key === null ? 'null' : key.toString('hex'));

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}

describe('the key of a prediction', () => {
  test('has the bytes of its record’s key, also if these are no text, empty or null', async ({
    environment,
    trained: { model },
    scoreByHand,
  }) => {
    const keys = [
      ...Array.from({ length: 40 }, (_, i) => long(128 + i)),
      Buffer.from([0xef, 0xbb, 0xbf, 0x61]),
      Buffer.from('a'),
      Buffer.alloc(0),
      null,
    ];
    const records = keys.map((key, i) => ({ key, value: good(i) }));
    const { topic, result } = await scoreByHand({ records, model, onBadRecord: 'dead-letter' });

    expect(await result).toMatchObject({ predicted: 44, deadLettered: 0 });
    const predictions = await readSettled(environment, predictionsTopic(topic));
    expect(predictions.map(({ key }) => hex(key)).sort()).toEqual(keys.map(hex).sort());
  });
});

describe('a bad record that is too large for the dead-letters topic', () => {
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

  test.for([
    ['of the largest size that its topic takes', 1_048_300, CompressionTypes.None],
    ['compressed', 5_000_000, CompressionTypes.GZIP],
    ['a bomb', 400_000_000, CompressionTypes.GZIP],
  ] as const)(
    '%s becomes one dead letter that says so; the rest is predicted',
    async ([, size, compression], { environment, trained: { model }, scoreByHand }) => {
      const large = Buffer.alloc(size, 'poison ');
      const records = [0, 1, 2, 3, 4, 5].map((i) => ({ value: i === 2 ? large : good(i) }));
      // Uncompressed, it fills a request alone.
      const alone = compression === CompressionTypes.None ? [{ value: large }] : records;
      const { topic, result } = await scoreByHand({
        records: alone,
        model,
        onBadRecord: 'dead-letter',
        compression,
      });

      if (alone === records) expect(await result).toMatchObject({ predicted: 5, deadLettered: 1 });
      else await expect(result).rejects.toMatchObject({ cause: { type: 'NothingScored' } });
      const [deadLetter, ...others] = await readSettled(environment, deadLettersTopic(topic));
      expect(others).toEqual([]);
      const text = (name: string) => String(deadLetter?.headers?.[`dead-letter.${name}`]);
      expect([text('cut'), text('value-bytes'), text('value-sha256')]).toEqual([
        'value',
        String(size),
        sha256(large),
      ]);
      const kept = deadLetter?.value ?? Buffer.alloc(0);
      expect(kept.length).toBeGreaterThan(60_000);
      expect(kept.equals(large.subarray(0, kept.length))).toBe(true);
    },
  );
});
