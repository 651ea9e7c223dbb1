/**
 * A process of `stream.ts`: kafkajs alone, with its own encoder. Consumes all records of a topic, parses each, and
 * produces one of the size of a prediction for it: what a scorer has to do beside scoring, at least once.
 * Arguments: brokers, topic, output topic, number of records.
 */
import { Kafka, logLevel } from 'kafkajs';

const [brokers = '', topic = '', output = '', wanted] = process.argv.slice(2);
/** Batches of the other partitions are fetched and sent while one is parsed. */
const CONCURRENT_PARTITIONS = 4;

const start = performance.now();
const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: `plain-${output}` });
const producer = kafka.producer();
await Promise.all([consumer.connect(), producer.connect()]);
await consumer.subscribe({ topic, fromBeginning: true });

let produced = 0;
await new Promise<void>((resolve, reject) => {
  consumer.on('consumer.crash', ({ payload }) => {
    reject(payload.error);
  });
  const run = consumer.run({
    partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
    async eachBatch({ batch: { partition, messages } }) {
      const predictions = messages.map(({ key, value, offset }) => {
        const row = JSON.parse(String(value)) as { readonly imdb_score: number };
        const source = { topic, partition, offset: Number(offset) };
        return { key, value: JSON.stringify({ prediction: 6.5, actual: row.imdb_score, source }) };
      });
      await producer.send({ topic: output, messages: predictions });
      produced += messages.length;
      if (produced >= Number(wanted)) resolve();
    },
  });
  run.catch(reject);
});
const seconds = (performance.now() - start) / 1000;
process.stdout.write(`${JSON.stringify({ seconds, produced })}\n`);
await consumer.disconnect();
await producer.disconnect();
