import type { Kafka } from 'kafkajs';
import type { TrainingSet } from '../../src/activities/training/forest-engine.ts';
import { resample, FEATURES, TARGET, type Dataset } from '../data/dataset.ts';

/** Enough for four workers, and the same for every program that reads them. */
export const PARTITIONS = 4;
/** About 1 MB, the most that a broker takes by default. */
const RECORDS_PER_REQUEST = 2_000;

export async function createTopics(kafka: Kafka, topics: readonly string[]): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: topics.map((topic) => ({ topic, numPartitions: PARTITIONS, replicationFactor: 1 })),
  });
  await admin.disconnect();
}

/** Of a topic without transactions, whose offsets have no gaps. */
export async function countRecords(kafka: Kafka, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
}

/** Rows of the dataset, drawn again with noise, as JSON; values that are whole numbers there stay whole. */
export function someRows({ rows }: Dataset, count: number): TrainingSet {
  const { columns, targets } = resample(rows, count);
  const whole = rows.columns.map((column) => column.every(Number.isInteger));
  return { columns: columns.map((column, i) => (whole[i] ? column.map(Math.round) : column)), targets };
}

/** One record, as another program would write it: a key, and the features and target as JSON. */
export function toRecord({ columns, targets }: TrainingSet, row: number): { key: string; value: string } {
  const cells = FEATURES.map((name, i) => [name, columns[i]?.[row]]);
  return {
    key: `film-${row}`,
    value: JSON.stringify(Object.fromEntries([...cells, [TARGET, targets[row]]])),
  };
}

/** Fills a topic that exists and is empty. */
export async function fillTopic(kafka: Kafka, topic: string, rows: TrainingSet): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  for (let first = 0; first < rows.targets.length; first += RECORDS_PER_REQUEST) {
    const count = Math.min(RECORDS_PER_REQUEST, rows.targets.length - first);
    const partition = (first / RECORDS_PER_REQUEST) % PARTITIONS;
    const messages = Array.from({ length: count }, (_, i) => ({ ...toRecord(rows, first + i), partition }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
}
