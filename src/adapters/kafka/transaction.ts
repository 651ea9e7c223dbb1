import type { Kafka, Transaction } from 'kafkajs';
import { choosePartition } from './client.ts';

/** Longer than any pause of a healthy worker, shorter than the broker's limit (`transaction.max.timeout.ms`). */
const TRANSACTION_TIMEOUT_MS = 60_000;

/**
 * Begins a transaction, which fences every earlier one of this id (connecting does not) and waits for one that is
 * committing. `work` commits or aborts it; a transaction that it leaves open is aborted.
 *
 * @throws an error that `isFenced` recognises, after a later transaction of this id has begun
 */
export async function inTransaction<T>(
  kafka: Kafka,
  transactionalId: string,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const producer = kafka.producer({
    transactionalId,
    idempotent: true,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    createPartitioner: () => choosePartition,
  });
  await producer.connect();
  try {
    const transaction = await producer.transaction();
    try {
      return await work(transaction);
    } finally {
      // An error of `work` says more than one of the abort, and the broker aborts by itself after the timeout.
      if (transaction.isActive()) await transaction.abort().catch(() => undefined);
    }
  } finally {
    await producer.disconnect().catch(() => undefined);
  }
}
