import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { writeLargeDataset } from '../scripts/write-large-dataset.ts';
import { TARGET } from './data/dataset.ts';
import { unlessMissing, type Context } from './setup/context.ts';
import { compileProgram } from './setup/program.ts';
import { ensurePythonEnvironment } from './setup/python-environment.ts';
import { interleave, type Turn } from './suite/interleave.ts';
import { versionOf } from './suite/machine.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import type { Results } from './suite/results.ts';
import { median } from './suite/statistics.ts';
import { formatMebibytes, formatRatio, formatSeconds } from './suite/table.ts';
import { atMost } from './suite/target.ts';

/** 77 MB in the shape of the IMDb file. */
const ROWS = 252_150;
const DEFAULT_REPEATS = 5;
const QUICK_REPEATS = 2;
/** The first load of a process also starts a thread and loads danfo. */
const LOADS_PER_PROCESS = 3;
/** The longest that ours may take, as a multiple of pandas. */
const TARGET_RATIO = 3;

const sampleSchema = z.object({
  /** Wall clock, by load. */
  seconds: z.array(z.number()).min(1),
  /** Of all threads, by load. */
  cpuSeconds: z.array(z.number()).min(1),
  rows: z.number(),
  features: z.number(),
  startBytes: z.number(),
  peakBytes: z.number(),
});
/** One process. */
type Sample = z.output<typeof sampleSchema>;

export const load: Part = {
  name: 'load',
  question: 'How long does the step "load" of a run take on a large CSV, beside pandas?',
  async run(context, results) {
    const { quick, repeats = quick ? QUICK_REPEATS : DEFAULT_REPEATS } = context.options;
    const directory = mkdtempSync(join(context.directory, 'load-'));
    const csv = await writeRows(context, results, directory);
    const pandas = await unlessMissing(results, 'pandas', () => ensurePythonEnvironment('pandas'));
    const program = (await compileProgram()).process('load-process');
    const engines: Record<string, Turn<Sample>> = { ours: () => runOurs(program, csv, directory) };
    results.addPeers({ danfojs: versionOf('danfojs-node') });
    if (pandas) {
      engines['pandas'] = () => runPandas(pandas.python, csv);
      results.addPeers({ python: pandas.version, pandas: pandas.pinned('pandas') });
    }
    const samples = await interleave('load', repeats, engines);
    addResults(results, new Map(Object.entries(samples).map(([name, all]) => [name, summarize(all)])));
  },
};

async function writeRows({ options }: Context, results: Results, directory: string): Promise<string> {
  const from = existsSync(options.csv) ? options.csv : undefined;
  const file = join(directory, 'large.csv');
  progress(`writing ${ROWS.toLocaleString('en')} rows`);
  await writeLargeDataset(file, { rows: ROWS, seed: 1, ...(from !== undefined && { from }) });
  const { size } = await stat(file);
  const origin = from === undefined ? 'the sample dataset' : 'the IMDb file';
  results.setData(`${ROWS.toLocaleString('en')} rows from ${origin}, ${Math.round(size / 1e6)} MB`);
  return file;
}

async function runOurs(program: string, csv: string, directory: string): Promise<Sample> {
  const at = csv.lastIndexOf('/');
  const artifacts = mkdtempSync(join(directory, 'artifacts-'));
  const args = [csv.slice(0, Math.max(at, 1)), csv.slice(at + 1), TARGET, artifacts, `${LOADS_PER_PROCESS}`];
  try {
    const { stdout } = await execa(process.execPath, [program, ...args]);
    return sampleSchema.parse(JSON.parse(stdout));
  } finally {
    rmSync(artifacts, { recursive: true, force: true });
  }
}

async function runPandas(python: string, csv: string): Promise<Sample> {
  const script = join(import.meta.dirname, 'peers', 'pandas_load.py');
  // -B: no __pycache__ beside the sources.
  const { stdout } = await execa(python, ['-B', script, csv, TARGET, `${LOADS_PER_PROCESS}`]);
  return sampleSchema.parse(JSON.parse(stdout));
}

interface Summary extends Pick<Sample, 'rows' | 'features'> {
  readonly processes: number;
  /** Medians, of the first load of each process and of the others. */
  readonly firstSeconds: number;
  readonly laterSeconds: number;
  readonly laterCpuSeconds: number;
  readonly startBytes: number;
  readonly peakBytes: number;
}

function summarize(samples: readonly Sample[]): Summary {
  const later = (of: (sample: Sample) => readonly number[]): number =>
    median(samples.flatMap((sample) => of(sample).slice(1)));
  return {
    processes: samples.length,
    rows: samples[0]?.rows ?? 0,
    features: samples[0]?.features ?? 0,
    firstSeconds: median(samples.map(({ seconds }) => seconds[0] ?? NaN)),
    laterSeconds: later(({ seconds }) => seconds),
    laterCpuSeconds: later(({ cpuSeconds }) => cpuSeconds),
    startBytes: median(samples.map(({ startBytes }) => startBytes)),
    peakBytes: median(samples.map(({ peakBytes }) => peakBytes)),
  };
}

/** @param summaries by engine */
function addResults(results: Results, summaries: ReadonlyMap<string, Summary>): void {
  const rows = [...summaries].map(([name, one]) => [
    name,
    formatSeconds(one.firstSeconds),
    formatSeconds(one.laterSeconds),
    formatSeconds(one.laterCpuSeconds),
    formatMebibytes(one.startBytes),
    formatMebibytes(one.peakBytes),
    one.rows.toLocaleString('en'),
    `${one.features}`,
    ratioTo(summaries.get('pandas'), one),
  ]);
  const [ours, pandas] = [summaries.get('ours'), summaries.get('pandas')];
  if (ours && pandas) {
    const ratio = ours.laterSeconds / pandas.laterSeconds;
    const first = ours.firstSeconds / pandas.firstSeconds;
    const versus = 'load + select + drop, against pandas';
    results.addTarget(atMost(versus, TARGET_RATIO, ratio));
    results.addTarget(atMost(`${versus}, first load of a process`, TARGET_RATIO, first));
    results.addRatio('pandas', 'load', 1 / ratio);
    results.addRatio('pandas', 'first load', 1 / first);
    results.addFigure('peak memory, as a share of pandas', ours.peakBytes / pandas.peakBytes);
  }
  results.addSection({
    title: 'Loading a large CSV',
    notes: [
      `Processes of their own take turns, each loading the file ${LOADS_PER_PROCESS} times. Ours, compiled, also hashes the file, finds the notation of every column and writes an artifact.`,
    ],
    table: {
      head: [
        '',
        'first load',
        'later loads',
        'CPU',
        'memory before',
        'peak',
        'rows kept',
        'features',
        'time of pandas',
      ],
      rows,
    },
  });
}

function ratioTo(pandas: Summary | undefined, one: Summary): string {
  return pandas && pandas !== one ? formatRatio(one.laterSeconds / pandas.laterSeconds) : '';
}
