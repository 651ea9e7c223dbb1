import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect } from 'vitest';
import { deadLettersTopic, header, predictionsTopic } from '../../../src/domain/names.ts';
import { keysOf, readSettled } from '../../support/log/record-log.ts';
import { test } from '../../support/log/score-by-hand.ts';

const good = (budget: number) => JSON.stringify({ budget, imdb_score: 5 });

describe('records that break the contract', () => {
  const BAD: readonly (readonly [value: Buffer | string | null, message: string])[] = [
    [Buffer.from([0xc3, 0x28, 0x00, 0xff]), 'record is not JSON'],
    ['{"budget": 5', 'record is not JSON'],
    ['[1, 2]', 'record is not an object'],
    [null, 'record has no value'],
    ['{"imdb_score": 5}', '"budget" is missing'],
    ['{"budget": "NA"}', '"budget" is not a number'],
    ['{"budget": 5, "imdb_score": "good"}', '"imdb_score" is not a number'],
  ];

  test('are dead-lettered with their bytes, headers and reason; the rest is predicted', async ({
    environment,
    trained: { model },
    scoreByHand,
  }) => {
    const values = BAD.flatMap(([value], i) => [good(i), value]);
    const { topic, workflowId, messages, result } = await scoreByHand({
      records: values.map((value) => ({ value })),
      model,
      onBadRecord: 'dead-letter',
    });

    expect(await result).toMatchObject({ batches: 4, predicted: BAD.length, deadLettered: BAD.length });
    const predictions = await readSettled(environment, predictionsTopic(topic));
    expect(keysOf(predictions)).toEqual(keysOf(messages.filter((_, i) => i % 2 === 0)));

    const deadLetters = await readSettled(environment, deadLettersTopic(topic));
    expect(deadLetters).toHaveLength(BAD.length);
    for (const [i, [value, message]] of BAD.entries()) {
      const offset = 2 * i + 1;
      const deadLetter = deadLetters.find(({ key }) => String(key) === `row-${offset}`);
      expect(deadLetter?.value).toEqual(value === null ? null : Buffer.from(value as string));
      const text = (name: string) => String(deadLetter?.headers?.[name]);
      expect(deadLetter?.headers?.['trace']).toEqual(Buffer.from([0xff, 0x00, offset]));
      expect([header.runId, header.schema, header.rowId].map(text)).toEqual([
        workflowId,
        'stream/1',
        String(offset),
      ]);
      expect(
        ['topic', 'partition', 'offset', 'error-type'].map((name) => text(`dead-letter.${name}`)),
      ).toEqual([topic, '0', String(offset), 'MalformedRecord']);
      expect(text('dead-letter.error-message')).toContain(`${message} [${topic}[0]@${offset}]`);
    }
  });

  test('fail their batch with onBadRecord "fail"; the other batches are published', async ({
    environment,
    trained: { model },
    scoreByHand,
  }) => {
    const values = Array.from({ length: 12 }, (_, i) => (i === 6 ? '{"budget": "NA"}' : good(i)));
    const { topic, messages, result } = await scoreByHand({
      records: values.map((value) => ({ value })),
      model,
      onBadRecord: 'fail',
    });

    const error = await failureOf(result);
    expect(error.type).toBe('MicroBatchesFailed');
    expect(error.message).toContain(
      `1 of 3 micro-batches failed, the others are done: batch 1: MalformedRecord: "budget" is not a number [${topic}[0]@6]: expected a finite number, got "NA"`,
    );
    const predictions = await readSettled(environment, predictionsTopic(topic));
    expect(keysOf(predictions)).toEqual(keysOf(messages.filter((_, i) => i < 4 || i >= 8)));
    expect(await readSettled(environment, deadLettersTopic(topic))).toEqual([]);
  });
});

test('a run’s stream of which no record can be scored fails and shows the first', async ({
  environment,
  trained: { model },
  scoreByHand,
}) => {
  const values = ['\u001B[31m{"budget": "many', ...Array.from({ length: 5 }, () => '{}')];
  const records = values.map((value) => ({ value }));
  const { topic, result } = await scoreByHand({ records, model, onBadRecord: 'dead-letter' });

  const error = await failureOf(result);
  expect(error.type).toBe('NothingScored');
  expect(error.message).toContain(`none of 6 records could be scored, all are in ${deadLettersTopic(topic)}`);
  expect(error.message).toMatch(/the first: MalformedRecord: .*; its value begins with ·\[31m\{"budget/);
  expect(await readSettled(environment, deadLettersTopic(topic))).toHaveLength(6);
});

test('an artifact that is not a model ends the stream with ModelMismatch', async ({
  environment,
  trained: { model, report },
  scoreByHand,
}) => {
  const values = [good(1), good(2)];
  const wrong = { ...model, artifact: report };
  const { topic, result } = await scoreByHand({
    records: values.map((value) => ({ value })),
    model: wrong,
    onBadRecord: 'dead-letter',
  });

  const error = await failureOf(result);
  expect(error.type).toBe('MicroBatchesFailed');
  expect(error.message).toContain(
    `batch 0: ModelMismatch: not a model file [${report.uri}]: expected a JSON header line`,
  );
  expect(await readSettled(environment, predictionsTopic(topic))).toEqual([]);
});

async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error: unknown = await run.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  const { cause } = error as WorkflowFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  return cause as ApplicationFailure;
}
