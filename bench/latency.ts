import { availableParallelism } from 'node:os';
import { predictionsTopic, workflowType } from '../src/domain/names.ts';
import { unlessMissing, type Context } from './setup/context.ts';
import { measureLatencies, RECORDS_PER_SECOND } from './setup/latencies.ts';
import { FOREST, runPipeline } from './setup/our-model.ts';
import { createTopics, someRows, toRecord } from './setup/topics.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { below } from './suite/target.ts';

const SECONDS = 60;
const QUICK_SECONDS = 20;
/** The smallest. */
const INTERVAL_SECONDS = 0.1;
const TOPIC = 'latency';

export const latency: Part = {
  name: 'latency',
  question: `How long after its append is the prediction of a record committed, at ${RECORDS_PER_SECOND} records/s?`,
  async run(context, results) {
    const seconds = context.options.quick ? QUICK_SECONDS : SECONDS;
    results.setData(context.dataset.origin);
    const ours = (await measureOurs(context, seconds)).sort((a, b) => a - b);
    const spark = await unlessMissing(results, 'Spark', () => measureSpark(context, results, seconds));
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
        `${RECORDS_PER_SECOND} records/s for ${seconds} s, one partition of four after the other. From before a record is sent until a reader of committed records has its prediction. Ours polls every ${INTERVAL_SECONDS} s, exactly once. Spark begins each micro-batch as soon as the last one has ended, at least once. One after the other, each after ten seconds that do not count.`,
      ],
      table: {
        head: ['', 'p50', 'p90', 'p99', 'slowest', 'records'],
        rows: [toRow('ours', ours), ...(spark ? [toRow('Spark', spark)] : [])],
      },
    });
  },
};

/** With the smallest interval of a processing-time trigger. */
async function measureSpark(context: Context, results: Results, seconds: number): Promise<number[]> {
  const [spark, { kafka }] = [await context.spark(), await context.services()];
  results.addPeers(spark.versions);
  const topic = `${TOPIC}-spark`;
  const output = `${topic}.output`;
  await createTopics(kafka, [topic, output]);
  await spark.train({ csv: context.csv(), ...FOREST });
  progress('latency: Spark');
  await spark.follow({ topic, output, milliseconds: 0 });
  try {
    const { value } = toRecord(someRows(context.dataset, 1), 0);
    const latencies = await measureLatencies(kafka, { topic, output, value, seconds });
    return latencies.sort((a, b) => a - b);
  } finally {
    await spark.unfollow();
  }
}

async function measureOurs(context: Context, seconds: number): Promise<number[]> {
  const { client, kafka, workers, ...services } = await context.services();
  const { taskQueue } = await workers(availableParallelism());
  const { result } = await runPipeline(
    { client, kafka, workers, ...services },
    await workers(availableParallelism()),
    context.csv(),
  );
  // Its reader may be there before the stream has created it.
  await createTopics(kafka, [TOPIC, predictionsTopic(TOPIC)]);
  const input = { topic: TOPIC, model: result.model, trigger: { intervalSeconds: INTERVAL_SECONDS } };
  const stream = await client.workflow.start(workflowType.scoreStream, {
    workflowId: 'bench-latency',
    taskQueue,
    args: [input],
  });
  progress('latency: ours');
  const { value } = toRecord(someRows(context.dataset, 1), 0);
  const latencies = await measureLatencies(kafka, {
    topic: TOPIC,
    output: predictionsTopic(TOPIC),
    value,
    seconds,
  });
  await stream.signal('stop');
  await stream.result();
  return latencies;
}

function toRow(name: string, sorted: readonly number[]): string[] {
  const shown = [0.5, 0.9, 0.99, 1].map((share) => `${quantile(sorted, share).toFixed(0)} ms`);
  return [name, ...shown, `${sorted.length}`];
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
