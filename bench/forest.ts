import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DatasetError } from '../src/domain/errors.ts';
import { loadDataset } from './dataset.ts';
import { measureAccuracy } from './figures/accuracy.ts';
import { measureIndependentRows } from './figures/independent-rows.ts';
import { measureLightGbm } from './figures/lightgbm.ts';
import { measureMlRandomForest } from './figures/ml-random-forest.ts';
import { measurePeakMemory } from './figures/peak-memory.ts';
import { measurePrediction } from './figures/prediction.ts';
import { measureSpark } from './figures/spark.ts';
import { measureTraining } from './figures/training.ts';
import { describeMachine, versionOf } from './machine.ts';
import { PeerError } from './peer-process.ts';
import { progress } from './progress.ts';
import { ensurePythonEnvironment, EnvironmentError } from './python-environment.ts';
import { createReport } from './report.ts';
import { createSession, type Session } from './session.ts';
import { SIZES, type Size } from './targets.ts';

const DEFAULT_CSV = join(import.meta.dirname, '..', '..', 'shared', 'data', 'movie_metadata.csv');
const DEFAULT_OUTPUT = join(import.meta.dirname, 'results', 'forest.md');
const DEFAULT_REPEATS = 5;
const QUICK_REPEATS = 3;

const WARM_UP_SEEDS = [101, 102];

/** In the order of the report. */
const FIGURES: Readonly<Record<string, (session: Session) => Promise<void>>> = {
  training: measureTraining,
  lightgbm: measureLightGbm,
  spark: measureSpark,
  'ml-random-forest': measureMlRandomForest,
  prediction: measurePrediction,
  accuracy: measureAccuracy,
  independent: measureIndependentRows,
  memory: measurePeakMemory,
};
const FULL_RUN_ONLY = ['independent'];

interface Options {
  readonly quick?: true;
  readonly json?: true;
  readonly repeats?: number;
  readonly csv?: string;
  readonly sizes?: readonly Size[];
  readonly only?: readonly string[];
  readonly output?: string;
}

const program = new Command('bench:forest')
  .description('Compares the histogram engine with scikit-learn, Spark, LightGBM and ml-random-forest.')
  .option('--quick', '×1 only, fewer repeats and splits')
  .option('--json', 'end stdout with one line of JSON')
  .option('--repeats <n>', `rounds at ×1 (default ${DEFAULT_REPEATS}, --quick ${QUICK_REPEATS})`, parseCount)
  .addOption(new Option('--csv <file>', `the IMDb file (default ${DEFAULT_CSV})`).env('BENCH_CSV'))
  .option('--sizes <list>', `of ${SIZES.join(',')}: multiples of the rows`, parseSizes)
  .option('--only <list>', `of ${Object.keys(FIGURES).join(',')}`, parseFigures)
  .option('--output <file>', `the report; default ${DEFAULT_OUTPUT}, none with --sizes or --only`)
  .action(main);

async function main(options: Options): Promise<void> {
  const {
    quick = false,
    sizes = quick ? [1] : SIZES,
    repeats = quick ? QUICK_REPEATS : DEFAULT_REPEATS,
  } = options;
  const partial = options.sizes !== undefined || options.only !== undefined;
  const output = options.output ?? (partial ? undefined : DEFAULT_OUTPUT);
  const figures =
    options.only ?? Object.keys(FIGURES).filter((name) => !(quick && FULL_RUN_ONLY.includes(name)));

  const dataset = loadDataset(options.csv ?? DEFAULT_CSV, options.csv !== undefined);
  const { python, versions } = await ensurePythonEnvironment();
  const peers = { ...versions, 'ml-random-forest': versionOf('ml-random-forest') };
  const remarks = [
    ...(quick ? ['--quick: ×1 only, few repeats; no independent rows.'] : []),
    ...(partial ? [`Only a part: ${figures.join(', ')}, sizes ${sizes.join(', ')}.`] : []),
  ];
  const report = createReport({ machine: describeMachine(peers), data: dataset.origin, remarks });
  const directory = mkdtempSync(join(tmpdir(), 'bench-forest-'));
  const removeDirectory = removeOnSignal(directory);
  const session = createSession({ quick, sizes, repeats }, { dataset, python, directory, report });
  try {
    await warmUp(session);
    for (const name of figures) {
      await FIGURES[name]?.(session);
      // Written after each figure, so that a stopped run keeps its results.
      await report.write(output);
    }
  } finally {
    await session.close();
    removeDirectory();
  }
  progress(output === undefined ? 'done' : `done: ${output}`);
  process.stdout.write(await report.write(output));
  if (options.json) process.stdout.write(`${report.toJson()}\n`);
}

/** Starts our threads and lets V8 optimize the kernel. */
async function warmUp({ ours, train }: Session): Promise<void> {
  progress('warm-up: ours');
  for (const seed of WARM_UP_SEEDS) await ours.fit(train(1).set, { trees: 100, featureFraction: 1, seed });
}

/** Peers end by themselves, but their files would be left. */
function removeOnSignal(directory: string): () => void {
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
    process.once(signal, () => {
      remove();
      process.exit(code);
    });
  }
  return remove;
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}

function parseSizes(text: string): readonly Size[] {
  const wanted = text.split(',').map(Number);
  const unknown = wanted.find((size) => !SIZES.some((known) => known === size));
  if (unknown !== undefined) throw new InvalidArgumentError(`expected some of ${SIZES.join(',')}`);
  return SIZES.filter((size) => wanted.includes(size));
}

function parseFigures(text: string): readonly string[] {
  const wanted = text.split(',');
  const unknown = wanted.find((name) => !Object.hasOwn(FIGURES, name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`expected some of ${Object.keys(FIGURES).join(',')}`);
  return Object.keys(FIGURES).filter((name) => wanted.includes(name));
}

try {
  await program.parseAsync();
} catch (error) {
  // Errors that the user can fix need no stack trace.
  const expected = [DatasetError, EnvironmentError, PeerError].some((type) => error instanceof type);
  if (!expected) throw error;
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
