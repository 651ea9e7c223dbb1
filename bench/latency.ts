import { availableParallelism } from 'node:os';
import { predictionsTopic, workflowType } from '../src/domain/names.ts';
import { unlessMissing, type Context } from './setup/context.ts';
import { measureLatencies, RECORDS_PER_SECOND } from './setup/latencies.ts';
import { FOREST, runPipeline } from './setup/our-model.ts';
import { createTopics, someRows, toRecord } from './setup/topics.ts';
import { interleave, type Turn } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import type { Results } from './suite/results.ts';
import { below } from './suite/target.ts';

const ROUNDS = 3;
const QUICK_ROUNDS = 1;
/** Of one round. */
const SECONDS = 20;
/** The smallest. */
const INTERVAL_SECONDS = 0.1;
const TOPIC = 'latency';

export const latency: Part = {
  name: 'latency',
  question: `How long after its append is the prediction of a record committed, at ${RECORDS_PER_SECOND} records/s?`,
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    results.setData(context.dataset.origin);
    const engines: Record<string, Turn<number[]>> = { ours: await prepareOurs(context) };
    const peer = await unlessMissing(results, 'Spark', () => prepareSpark(context, results));
    if (peer) engines['Spark'] = peer;
    const samples = await interleave('latency', repeats, engines);
    const [ours = [], spark] = [samples['ours'], samples['Spark']].map((rounds) =>
      rounds?.flat().sort((a, b) => a - b),
    );
    results.addFigure('p50 ms', quantile(ours, 0.5));
    results.addFigure('p99 ms', quantile(ours, 0.99));
    if (spark) {
      const ratio = quantile(spark, 0.5) / quantile(ours, 0.5);
      results.addRatio('Spark', 'p50', ratio);
      results.addRatio('Spark', 'p99', quantile(spark, 0.99) / quantile(ours, 0.99));
      results.addTarget(below('p50 of the latency, as a share of Spark’s', 1 / ratio));
    }
    results.addSection({
      title: 'From a record to its prediction',
      notes: [
        `${RECORDS_PER_SECOND} records/s for ${SECONDS} s in each of ${repeats} rounds, one partition of four after the other. From before a record is sent until a reader of committed records has its prediction. Ours polls every ${INTERVAL_SECONDS} s, exactly once. Spark begins each micro-batch as soon as the last one has ended, at least once. They take turns; each turn starts a new stream or query, whose first ten seconds do not count.`,
      ],
      table: {
        head: ['', 'p50', 'p90', 'p99', 'slowest', 'records'],
        rows: [toRow('ours', ours), ...(spark ? [toRow('Spark', spark)] : [])],
      },
    });
  },
};

/** With the smallest interval of a processing-time trigger. */
async function prepareSpark(context: Context, results: Results): Promise<Turn<number[]>> {
  const spark = await context.spark();
  results.addPeers(spark.versions);
  await spark.train({ csv: context.csv(), ...FOREST });
  return async (round) => {
    const topic = `${TOPIC}-spark-${round}`;
    const output = `${topic}.output`;
    await createTopics((await context.services()).kafka, [topic, output]);
    await spark.follow({ topic, output, milliseconds: 0 });
    try {
      return await measure(context, topic, output);
    } finally {
      await spark.unfollow();
    }
  };
}

async function prepareOurs(context: Context): Promise<Turn<number[]>> {
  const services = await context.services();
  const workers = await services.workers(availableParallelism());
  const { result } = await runPipeline(services, workers, context.csv());
  return async (round) => {
    const topic = `${TOPIC}-${round}`;
    // Its reader may be there before the stream has created it.
    await createTopics(services.kafka, [topic, predictionsTopic(topic)]);
    const input = { topic, model: result.model, trigger: { intervalSeconds: INTERVAL_SECONDS } };
    const stream = await services.client.workflow.start(workflowType.scoreStream, {
      workflowId: `bench-${topic}`,
      taskQueue: workers.taskQueue,
      args: [input],
    });
    const latencies = await measure(context, topic, predictionsTopic(topic));
    await stream.signal('stop');
    await stream.result();
    return latencies;
  };
}

async function measure(context: Context, topic: string, output: string): Promise<number[]> {
  const { kafka } = await context.services();
  const { value } = toRecord(someRows(context.dataset, 1), 0);
  return measureLatencies(kafka, { topic, output, value, seconds: SECONDS });
}

function toRow(name: string, sorted: readonly number[]): string[] {
  const shown = [0.5, 0.9, 0.99, 1].map((share) => `${quantile(sorted, share).toFixed(0)} ms`);
  return [name, ...shown, `${sorted.length}`];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
