import { nodeDigests } from '../adapters/digests.ts';
import { createKafkaAdmin } from '../adapters/kafka-admin.ts';
import { createKafka } from '../adapters/kafka-client.ts';
import { createKafkaDeadLetters, type DeadLetterLog } from '../adapters/kafka-dead-letters.ts';
import { createKafkaReader } from '../adapters/kafka-reader.ts';
import { createRecordWriter } from '../adapters/kafka-writer.ts';
import { loadProcessConfig } from '../config.ts';
import { BrokerError, PipelineError } from '../domain/errors.ts';

export const CHECK_BROKER = 'Check KAFKA_BROKERS and its credentials';

export async function withDeadLetters(work: (log: DeadLetterLog) => Promise<void>): Promise<void> {
  const { kafka: settings } = loadProcessConfig();
  // What goes wrong is told once, at the end; the client would tell every try.
  const kafka = createKafka(settings, () => undefined);
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings });
  const writeRecords = createRecordWriter({ admin, digests: nodeDigests });
  try {
    await work(createKafkaDeadLetters({ kafka, admin, reader, writeRecords, settings }));
  } finally {
    await reader.close();
    await admin.close();
  }
}

/** The hints of our errors are for runs, which try again by themselves. */
export function withHint(error: unknown, hint: string): unknown {
  return error instanceof PipelineError ? new BrokerError({ ...error.facts, hint, cause: error }) : error;
}
