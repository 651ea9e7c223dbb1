import { availableParallelism } from 'node:os';
import { execa } from 'execa';
import { z } from 'zod';
import type { ModelRef } from '../src/domain/stream/stream-input.ts';
import { unlessMissing, type Context } from './setup/context.ts';
import { FOREST, runPipeline } from './setup/our-model.ts';
import { compileProgram } from './setup/program.ts';
import { expectAll, scoreStream } from './setup/score-stream.ts';
import type { Services } from './setup/services.ts';
import type { Spark } from './setup/spark.ts';
import { countRecords, createTopics, fillTopic, someRows } from './setup/topics.ts';
import { addMemory, watchMemory, type MemoryCourse } from './setup/worker-memory.ts';
import { interleave, type Turn } from './suite/interleave.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { median } from './suite/statistics.ts';
import { formatRate, formatRatio, formatSeconds } from './suite/table.ts';
import { atLeast } from './suite/target.ts';

/** The IMDb file's complete rows, 60 times. */
const ROWS = 228_060;
const MANY_ROWS = 1_000_000;
const MANY_ROUNDS = 1;
/** Of worker processes on one stream. */
const PROCESSES = [1, 2, 4];
const ROUNDS = 3;
const QUICK_ROUNDS = 1;
const TARGET_RATIO = 2;
const TARGET_SHARE_OF_LIMIT = 0.6;
const DEFAULT_WORKERS = availableParallelism();

const FIGURES = ['rows', 'processes', 'million'] as const;

export const stream: Part = {
  name: 'stream',
  question:
    'How many rows a second are scored from topic to topic, exactly once, beside Spark and a plain loop?',
  figures: FIGURES,
  async run(context, results, figures) {
    const { quick, repeats = quick ? QUICK_ROUNDS : ROUNDS } = context.options;
    results.setData(`${context.dataset.origin}, drawn again with noise`);
    const world = await prepare(context, results);
    const isQuickDefault = quick && figures.size === FIGURES.length;
    if (figures.has('rows') || figures.has('processes')) {
      const some = { topic: await fill(world, ROWS), rows: ROWS, repeats };
      if (figures.has('rows')) await compare(world, results, some);
      if (figures.has('processes') && !isQuickDefault) await compareProcesses(world, results, some);
    }
    if (figures.has('million') && !isQuickDefault) {
      const topic = await fill(world, MANY_ROWS);
      await compare(world, results, { topic, rows: MANY_ROWS, repeats: MANY_ROUNDS });
    }
  },
};

interface World {
  readonly context: Context;
  readonly services: Services;
  readonly model: ModelRef;
  /** With a model of the same shape. */
  readonly spark: Spark | undefined;
}

async function prepare(context: Context, results: Results): Promise<World> {
  const services = await context.services();
  progress('stream: training a model each');
  const { result } = await runPipeline(services, await services.workers(DEFAULT_WORKERS), context.csv());
  const spark = await unlessMissing(results, 'Spark', async () => {
    const session = await context.spark();
    await session.train({ csv: context.csv(), ...FOREST });
    return session;
  });
  if (spark) results.addPeers(spark.versions);
  return { context, services, model: result.model, spark };
}

async function fill({ context, services: { kafka } }: World, rows: number): Promise<string> {
  const topic = `stream-${rows}`;
  progress(`stream: writing ${rows.toLocaleString('en')} records`);
  await createTopics(kafka, [topic]);
  await fillTopic(kafka, topic, someRows(context.dataset, rows));
  return topic;
}

interface Stream {
  readonly topic: string;
  readonly rows: number;
  readonly repeats: number;
}

async function compare(world: World, results: Results, stream: Stream): Promise<void> {
  const { services, spark } = world;
  const workers = await services.workers(DEFAULT_WORKERS);
  const ours = `ours, ${DEFAULT_WORKERS} worker processes`;
  const memory: MemoryCourse[] = [];
  const engines: Record<string, Turn<number>> = {
    [ours]: async () => {
      const watched = await watchMemory(workers, () => scoreStream(world, workers, stream));
      memory.push(watched.memory);
      return watched.value;
    },
    'plain kafkajs loop, no scoring': () => runPlainLoop(services, stream),
  };
  if (spark) engines['Spark'] = () => scoreSpark(services, spark, stream);
  const label = `${stream.rows.toLocaleString('en')} rows`;
  const first = await interleave(`stream, ${label}, first`, 1, engines);
  const later = await interleave(`stream, ${label}`, stream.repeats, engines);
  const rate = (name: string): number => stream.rows / median(later[name] ?? []);
  const rows = Object.keys(engines).map((name) => [
    name,
    formatRate(stream.rows / (first[name]?.[0] ?? NaN)),
    formatRate(rate(name)),
    formatSeconds(median(later[name] ?? [])),
    `${later[name]?.length ?? 0}`,
    name === ours ? '' : formatRatio(rate(ours) / rate(name)),
  ]);
  const limit = rate(ours) / rate('plain kafkajs loop, no scoring');
  results.addRatio('plain loop', label, limit);
  if (spark) {
    results.addRatio('Spark', label, rate(ours) / rate('Spark'));
    results.addTarget(
      atLeast(`topic → predictions, ${label}, against Spark`, TARGET_RATIO, rate(ours) / rate('Spark')),
    );
  }
  results.addTarget(
    atLeast(`topic → predictions, ${label}, of a plain kafkajs loop`, TARGET_SHARE_OF_LIMIT, limit),
  );
  results.addFigure(`rows/s, ${label}`, rate(ours));
  results.addSection({
    title: `Topic to predictions, ${label}`,
    notes: [
      `${FOREST.trees} trees of depth ${FOREST.depth}. Ours: \`scoreStream\` with the trigger \`available-now\` and default settings, from its start to its result, exactly once. Spark: a new query with \`availableNow\` on the same topic, at least once. The plain loop: kafkajs with its own encoder, in one process, which parses every record and writes one of a prediction’s size, without a forest.`,
    ],
    table: { head: ['', 'first', 'later', 'median time', 'runs', 'ours is faster'], rows },
  });
  for (const last of memory.slice(-1)) addMemory(results, label, last);
  await results.save();
}

async function compareProcesses(world: World, results: Results, stream: Stream): Promise<void> {
  const engines: Record<string, Turn<number>> = {};
  for (const processes of PROCESSES) {
    const workers = await world.services.workers(processes);
    engines[`${processes}`] = () => scoreStream(world, workers, stream);
  }
  await interleave('stream, worker processes, warm-up', 1, engines);
  const samples = await interleave('stream, worker processes', stream.repeats, engines);
  const rate = (processes: string | number): number => stream.rows / median(samples[processes] ?? []);
  for (const processes of PROCESSES) results.addFigure(`rows/s, ${processes} processes`, rate(processes));
  results.addSection({
    title: 'Worker processes on one stream',
    notes: [
      `The same ${stream.rows.toLocaleString('en')} rows; each number of processes has a task queue of its own.`,
    ],
    table: {
      head: ['worker processes', 'rate', 'median time', 'runs', 'against one'],
      rows: PROCESSES.map((processes) => [
        `${processes}`,
        formatRate(rate(processes)),
        formatSeconds(median(samples[processes] ?? [])),
        `${samples[processes]?.length ?? 0}`,
        formatRatio(rate(processes) / rate(PROCESSES[0] ?? 1)),
      ]),
    },
  });
  await results.save();
}

let outputs = 0;

async function scoreSpark({ kafka }: Services, spark: Spark, { topic, rows }: Stream): Promise<number> {
  const output = await newOutput(kafka, topic);
  const { seconds } = await spark.score({ topic, output });
  expectAll('Spark', await countRecords(kafka, output), rows);
  return seconds;
}

const plainLoop = z.object({ seconds: z.number(), produced: z.number() });

async function runPlainLoop({ kafka, brokers }: Services, { topic, rows }: Stream): Promise<number> {
  const output = await newOutput(kafka, topic);
  const program = (await compileProgram()).process('plain-loop-process');
  const { stdout } = await execa(process.execPath, [program, brokers, topic, output, `${rows}`]);
  const { seconds, produced } = plainLoop.parse(JSON.parse(stdout));
  expectAll('the plain loop', produced, rows);
  return seconds;
}

async function newOutput(kafka: Services['kafka'], topic: string): Promise<string> {
  outputs += 1;
  const output = `${topic}.output-${outputs}`;
  await createTopics(kafka, [output]);
  return output;
}
