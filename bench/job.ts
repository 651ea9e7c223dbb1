import { availableParallelism } from 'node:os';
import { FOREST, runPipeline } from './setup/our-model.ts';
import { unlessMissing, type Context } from './setup/context.ts';
import type { Services } from './setup/services.ts';
import type { Spark } from './setup/spark.ts';
import { createTopics } from './setup/topics.ts';
import { interleave, type Turn } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { mean, median } from './suite/statistics.ts';
import { formatRatio, formatSeconds } from './suite/table.ts';
import { atLeast } from './suite/target.ts';

const ROUNDS = 3;
const QUICK_ROUNDS = 1;
const TARGET_RATIO = 10;

interface Sample {
  readonly seconds: number;
  readonly rmse: number;
  readonly rows: number;
  /** By step, without what is before and after them. */
  readonly steps: Readonly<Record<string, number>>;
}

export const job: Part = {
  name: 'job',
  question: 'How long does a whole run take, from the command to its end, beside the same steps in Spark?',
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    results.setData(context.dataset.origin);
    const services = await context.services();
    const workers = await services.workers(availableParallelism());
    const ours = async (): Promise<Sample> => {
      const { seconds, result } = await runPipeline(services, workers, context.csv());
      return { seconds, rmse: result.metrics.batch.rmse, rows: result.rows.kept, steps: result.seconds };
    };
    progress('job: first run of the workers');
    const samples = new Map([['ours, first run of its workers', [await ours()]]]);
    const fresh = await unlessMissing(results, 'Spark', () => measureFreshSpark(context, services));
    if (fresh) {
      results.addPeers(fresh.versions);
      samples.set('Spark, from process start', [fresh.fromStart]);
      samples.set('Spark, first job of its session', [fresh.first]);
    }
    const engines: Record<string, Turn<Sample>> = { ours };
    // Takes a minute a round, and the jobs before have a ratio each.
    if (fresh && !quick)
      engines['Spark, later jobs of its session'] = async () => {
        const spark = await context.spark();
        return runSpark(context, services, spark);
      };
    for (const [name, all] of Object.entries(await interleave('job', repeats, engines)))
      samples.set(name, all);
    addResults(results, samples);
  },
};

/** The session stays up for the next parts. */
async function measureFreshSpark(context: Context, services: Services) {
  const spark = await context.spark();
  progress('job: first job of the session');
  const first = await runSpark(context, services, spark);
  return {
    versions: spark.versions,
    first,
    fromStart: { ...first, seconds: spark.startSeconds + first.seconds },
  };
}

let jobs = 0;

async function runSpark(context: Context, { kafka }: Services, spark: Spark): Promise<Sample> {
  jobs += 1;
  const topic = `spark-job-${jobs}`;
  const output = `${topic}.predictions`;
  await createTopics(kafka, [topic, output]);
  return spark.job({ csv: context.csv(), topic, output, ...FOREST });
}

function addResults(results: Results, samples: ReadonlyMap<string, readonly Sample[]>): void {
  const time = (name: string): number => median((samples.get(name) ?? []).map(({ seconds }) => seconds));
  const ours = time('ours');
  const rows = [...samples].map(([name, all]) => [
    name,
    formatSeconds(time(name)),
    formatSeconds(median(all.map(({ steps }) => Object.values(steps).reduce((sum, one) => sum + one, 0)))),
    `${all.length}`,
    `${all[0]?.rows ?? ''}`,
    mean(all.map(({ rmse }) => rmse)).toFixed(3),
    name.startsWith('Spark') ? formatRatio(time(name) / ours) : '',
  ]);
  const targets = {
    'Spark, later jobs of its session': 'whole job against Spark, its session up and warm',
    'Spark, first job of its session': 'whole job against Spark, its session up',
    'Spark, from process start': 'whole job against Spark, from process start',
  };
  for (const [name, figure] of Object.entries(targets)) {
    if (!samples.has(name)) continue;
    results.addRatio('Spark', name, time(name) / ours);
    results.addTarget(atLeast(figure, TARGET_RATIO, time(name) / ours));
  }
  results.addFigure('seconds', ours);
  results.addSection({
    title: 'A whole run',
    notes: [
      `${FOREST.trees} trees of depth ${FOREST.depth}, a third of the features a split. Both load the CSV, drop incomplete rows, split them 80 : 10 : 10, publish the batch split to Kafka and read it back, train, evaluate, publish the stream split, score it from Kafka to Kafka and compare the counts. Ours does so exactly once, in durable steps, and also checks quality, measures permutation importance, asks the model registry, and writes a report. Its time is that of the command \`imdb run --wait\`, with servers and workers up; “steps” is the time in the steps of the run.`,
      stepsNote(samples),
    ],
    table: { head: ['', 'median', 'in its steps', 'runs', 'rows', 'RMSE', 'ours is faster'], rows },
  });
}

function stepsNote(samples: ReadonlyMap<string, readonly Sample[]>): string {
  const lists = ['ours', 'Spark, later jobs of its session'].flatMap((name) => {
    const steps = Object.entries(samples.get(name)?.at(-1)?.steps ?? {});
    const list = steps.map(([step, seconds]) => `${step} ${formatSeconds(seconds)}`).join(', ');
    return list === '' ? [] : [`${name}: ${list}`];
  });
  return `Steps of the last run. ${lists.join('. ')}.`;
}
