import type { Kafka, Transaction } from 'kafkajs';
import { choosePartition } from './client.ts';
import { createProducers } from './produce/connections.ts';
import { waitForLastTransaction } from './produce/next-transaction.ts';
import { installProduceEncoder } from './produce/request.ts';

/** Longer than any pause of a healthy worker, shorter than the broker's limit (`transaction.max.timeout.ms`). */
const TRANSACTION_TIMEOUT_MS = 60_000;

/** Runs one transaction. `work` commits or aborts it; a transaction that it leaves open is aborted. */
export type Transact = <T>(work: (transaction: Transaction) => Promise<T>) => Promise<T>;

export interface Transactions {
  /**
   * A producer for one or several transactions. The first one fences every earlier producer of this id (connecting does
   * not) and waits for a transaction that is committing. kafkajs asks for a producer's epoch only once, so the others do
   * not fence again: if a later producer has begun meanwhile, they fail.
   *
   * After a transaction has failed, begin no other with this producer: the broker would take a late request of the
   * failed one for a part of the next.
   *
   * @throws an error that `isFenced` recognises, after a later transaction of this id has begun
   */
  withProducer<T>(transactionalId: string, work: (transact: Transact) => Promise<T>): Promise<T>;
  /** A single transaction with a producer of its own. */
  inTransaction<T>(transactionalId: string, work: (transaction: Transaction) => Promise<T>): Promise<T>;
  /** Closes connections that wait for the next producer. */
  close(): Promise<void>;
}

export function createTransactions(kafka: Kafka): Transactions {
  installProduceEncoder();
  waitForLastTransaction();
  const producers = createProducers(kafka);

  function withProducer<T>(transactionalId: string, work: (transact: Transact) => Promise<T>): Promise<T> {
    const config = {
      // Its transactions are idempotent without the option, which would ask for a second, unused producer id.
      transactionalId,
      transactionTimeout: TRANSACTION_TIMEOUT_MS,
      createPartitioner: () => choosePartition,
    };
    return producers.withProducer(config, (producer, discard) =>
      work(async (inside) => {
        try {
          const transaction = await producer.transaction();
          try {
            return await inside(transaction);
          } finally {
            // An error of `inside` says more than one of the abort, and the broker aborts by itself after the timeout.
            if (transaction.isActive()) await transaction.abort().catch(discard);
          }
        } catch (error) {
          // Also of a caller that goes on.
          discard();
          throw error;
        }
      }),
    );
  }

  return {
    withProducer,
    inTransaction: (transactionalId, work) => withProducer(transactionalId, (transact) => transact(work)),
    close: () => producers.close(),
  };
}
