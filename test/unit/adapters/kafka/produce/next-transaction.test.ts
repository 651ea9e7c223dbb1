import { expect, test } from 'vitest';
import { untilEnded } from '../../../../../src/adapters/kafka/produce/next-transaction.ts';

/** Refuses so many requests, then answers with their number. */
function brokerThatRefuses(times: number, type: string) {
  let asked = 0;
  return {
    send: async () => {
      asked += 1;
      if (asked <= times) throw Object.assign(new Error(`refused ${asked}`), { type });
      return asked;
    },
    asked: () => asked,
  };
}

test('a transaction begins as soon as the one before has ended', async () => {
  const { send } = brokerThatRefuses(3, 'CONCURRENT_TRANSACTIONS');

  expect(await untilEnded(send)).toBe(4);
});

test('one that does not end is left to the retries of kafkajs', async () => {
  const { send, asked } = brokerThatRefuses(Infinity, 'CONCURRENT_TRANSACTIONS');

  await expect(untilEnded(send)).rejects.toThrow('refused 7');
  expect(asked()).toBe(7);
});

test('another refusal is not repeated', async () => {
  const { send, asked } = brokerThatRefuses(Infinity, 'INVALID_PRODUCER_EPOCH');

  await expect(untilEnded(send)).rejects.toThrow('refused 1');
  expect(asked()).toBe(1);
});
