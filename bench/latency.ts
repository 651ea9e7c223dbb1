import { availableParallelism } from 'node:os';
import { predictionsTopic, workflowType } from '../src/domain/names.ts';
import { runPipeline } from './setup/our-model.ts';
import type { Context } from './setup/context.ts';
import { measureLatencies, RECORDS_PER_SECOND } from './setup/latencies.ts';
import { createTopics, someRows, toRecord } from './setup/topics.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';

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
    results.addFigure('p50 ms', quantile(ours, 0.5));
    results.addFigure('p99 ms', quantile(ours, 0.99));
    results.addSection({
      title: 'From a record to its prediction',
      notes: [
        `${RECORDS_PER_SECOND} records/s for ${seconds} s, one partition of four after the other. From before a record is sent until a reader of committed records has its prediction. Ours polls every ${INTERVAL_SECONDS} s, exactly once.`,
      ],
      table: { head: ['', 'p50', 'p90', 'p99', 'slowest', 'records'], rows: [toRow('ours', ours)] },
    });
  },
};

async function measureOurs(context: Context, seconds: number): Promise<number[]> {
  const { client, kafka, workers, ...services } = await context.services();
  const { taskQueue } = await workers(availableParallelism());
  const { result } = await runPipeline(
    { client, kafka, workers, ...services },
    await workers(availableParallelism()),
    context.csv(),
  );
  await createTopics(kafka, [TOPIC]);
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
