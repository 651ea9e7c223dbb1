import type { Context } from './setup/context.ts';
import { runPipeline } from './setup/our-model.ts';
import { fillTopic, createTopics, someRows } from './setup/topics.ts';
import { scoreStream } from './setup/score-stream.ts';
import { startWorkers } from './setup/workers.ts';
import { BUCKET, startS3Mock } from '../test/support/s3/s3-mock.ts';
import { loadProcessConfig } from '../src/config.ts';
import { interleave, type Turn } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { median } from './suite/statistics.ts';
import { formatRate, formatRatio, formatSeconds } from './suite/table.ts';

/** The IMDb file's complete rows, 60 times. */
const ROWS = 228_060;
const QUICK_ROWS = 38_010;
const PROCESSES = [1, 2, 4];
const ROUNDS = 3;
const QUICK_ROUNDS = 1;
const STORES = ['files', 'S3'] as const;

type Samples = Readonly<Record<string, readonly number[]>>;

export const stores: Part = {
  name: 'stores',
  question: 'How many rows a second does a stream score with artifacts in files and in an object store?',
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    results.setData(`${context.dataset.origin}, drawn again with noise`);
    const rows = quick ? QUICK_ROWS : ROWS;
    const services = await context.services();
    const topic = 'stores';
    progress(`stores: writing ${rows.toLocaleString('en')} records`);
    await createTopics(services.kafka, [topic]);
    await fillTopic(services.kafka, topic, someRows(context.dataset, rows));
    const s3 = await startS3(context);
    try {
      const { engines, workers } = await startEngines(context, s3.env, { topic, rows });
      try {
        await interleave('stores, warm-up', 1, engines);
        report(results, rows, await interleave('stores', repeats, engines));
      } finally {
        for (const { stop } of workers) await stop();
      }
    } finally {
      await s3.stop();
    }
    await results.save();
  },
};

async function startS3({ directory }: Context) {
  progress('starting S3Mock');
  const { cacheDir } = loadProcessConfig().local;
  const server = await startS3Mock({ cacheDir, stateDir: directory });
  return {
    env: {
      ARTIFACT_STORE: `s3://${BUCKET}/bench`,
      AWS_ENDPOINT_URL_S3: server.url,
      AWS_ACCESS_KEY_ID: 'any',
      AWS_SECRET_ACCESS_KEY: 'any secret',
      S3_FORCE_PATH_STYLE: 'true',
    },
    stop: () => server.stop(),
  };
}

/** Workers of each number of processes on each store; a store has a model of its own, from the same seed. */
async function startEngines(
  context: Context,
  s3: Readonly<Record<string, string>>,
  stream: { readonly topic: string; readonly rows: number },
) {
  const services = await context.services();
  const engines: Record<string, Turn<number>> = {};
  const started: Awaited<ReturnType<typeof startWorkers>>[] = [];
  for (const store of STORES) {
    const env = { ...services.env, ...(store === 'S3' && s3) };
    const groups = [];
    for (const processes of PROCESSES) {
      const name = `${store.toLowerCase()}-${processes}`;
      groups.push({ processes, workers: await startWorkers(processes, env, context.directory, name) });
    }
    started.push(...groups.map(({ workers }) => workers));
    const [first] = groups;
    if (!first) continue;
    const { model } = (await runPipeline(services, first.workers, context.csv())).result;
    for (const { processes, workers } of groups)
      engines[nameOf(store, processes)] = () => scoreStream({ services, model }, workers, stream);
  }
  return { engines, workers: started };
}

function report(results: Results, rows: number, samples: Samples): void {
  const rate = (store: string, processes: number): number =>
    rows / median(samples[nameOf(store, processes)] ?? []);
  const lines = PROCESSES.flatMap((processes) =>
    STORES.map((store) => {
      const times = samples[nameOf(store, processes)] ?? [];
      results.addFigure(`rows/s, ${nameOf(store, processes)}`, rate(store, processes));
      return [
        `${processes}`,
        store,
        formatRate(rate(store, processes)),
        formatSeconds(median(times)),
        `${times.length}`,
        store === 'files' ? '' : formatRatio(rate(store, processes) / rate('files', processes)),
      ];
    }),
  );
  results.addSection({
    title: `A stream of ${rows.toLocaleString('en')} rows, artifacts in files and on S3`,
    notes: [
      'As in the part `stream`: `scoreStream` with the trigger `available-now` and default settings, exactly once. Each number of processes has a task queue of its own. The object store is S3Mock on the same machine, one JVM: it takes its part of the cores, and its answers come without a network.',
    ],
    table: {
      head: ['worker processes', 'artifacts', 'rate', 'median time', 'runs', 'against files'],
      rows: lines,
    },
  });
}

function nameOf(store: string, processes: number): string {
  return `${store}, ${processes} ${processes === 1 ? 'process' : 'processes'}`;
}
