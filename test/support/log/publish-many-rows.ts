import { createKafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { createKafka } from '../../../src/adapters/kafka/client.ts';
import { createKafkaPublisher } from '../../../src/adapters/kafka/publisher.ts';
import { createTransactions } from '../../../src/adapters/kafka/transaction.ts';
import { loadProcessConfig } from '../../../src/config.ts';
import type { PublicationNames } from '../../../src/domain/names.ts';
import { manyRows } from './many-rows.ts';

/** The only argument, as JSON. */
export interface ManyRowsPlan {
  readonly names: PublicationNames;
  readonly topic: string;
  readonly run: string;
  readonly rows: number;
  /** What this process does to itself when it has sent so many rows: in the middle of a transaction. */
  readonly signal: 'SIGKILL' | 'SIGSTOP';
  readonly atRows: number;
}

const { names, topic, run, rows, signal, atRows } = JSON.parse(process.argv[2] ?? '') as ManyRowsPlan;
const { kafka: settings } = loadProcessConfig();
const kafka = createKafka(settings, () => undefined);
const admin = createKafkaAdmin(kafka);
const transactions = createTransactions(kafka);
const publisher = createKafkaPublisher({ transactions, admin, settings });
let isDone = false;
try {
  await publisher.publishRows({
    names,
    topic,
    chunks: manyRows(run, rows),
    signal: new AbortController().signal,
    onProgress(published) {
      if (isDone || published < atRows) return;
      isDone = true;
      process.kill(process.pid, signal);
    },
  });
  process.stdout.write('published');
} catch (error) {
  process.stdout.write(String(error));
}
await transactions.close();
await admin.close();
