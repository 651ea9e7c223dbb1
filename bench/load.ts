import { mkdtempSync, rmSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { execa } from 'execa';
import { z } from 'zod';
import { writeLargeDataset } from '../scripts/write-large-dataset.ts';
import { interleave, type Turn } from './interleave.ts';
import { describeMachine, renderFacts, versionOf } from './machine.ts';
import { compileProgram } from './peak-memory.ts';
import { progress } from './progress.ts';
import { ensurePandas, EnvironmentError } from './python-environment.ts';
import { writeMarkdown } from './report.ts';
import { median } from './statistics.ts';
import { formatMebibytes, formatRatio, formatSeconds, renderTable } from './table.ts';

const DEFAULT_OUTPUT = join(import.meta.dirname, 'results', 'load.md');
/** 77 MB in the shape of the IMDb file. */
const DEFAULT_ROWS = 252_150;
const DEFAULT_REPEATS = 5;
/** The first load of a process also starts a thread and loads danfo. */
const LOADS_PER_PROCESS = 3;
/** The longest that ours may take, as a multiple of pandas. */
const TARGET_RATIO = 3;
const FILE = 'large.csv';

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

interface Options {
  readonly rows: number;
  readonly from?: string;
  readonly csv?: string;
  readonly target: string;
  readonly repeats: number;
  readonly json?: true;
  readonly output?: string;
}

await new Command('bench:load')
  .description('Compares the step "load" of a run with pandas on one large CSV.')
  .option('--rows <n>', 'data rows of the CSV', parseCount, DEFAULT_ROWS)
  .option('--from <file>', 'a small CSV whose rows are repeated; the sample dataset when absent')
  .option('--csv <file>', 'load this CSV instead of writing one')
  .option('--target <column>', 'numeric column to predict', 'imdb_score')
  .option('--repeats <n>', 'processes of each', parseCount, DEFAULT_REPEATS)
  .option('--json', 'end stdout with one line of JSON')
  .option('--output <file>', `the report; ${DEFAULT_OUTPUT} unless --rows, --from or --csv is given`)
  .action(main)
  .parseAsync();

async function main(options: Options, command: Command): Promise<void> {
  const isDefault = ['rows', 'csv'].every((name) => command.getOptionValueSource(name) !== 'cli');
  const output = options.output ?? (isDefault ? DEFAULT_OUTPUT : undefined);
  const directory = mkdtempSync(join(tmpdir(), 'bench-load-'));
  try {
    const { csv, data } = await prepareCsv(options, directory);
    const peer = await findPandas();
    progress('compiling ours');
    const program = await compileProgram('load-process');
    const ours = (): Promise<Sample> => runOurs(program, csv, options.target, directory);
    const engines: Record<string, Turn<Sample>> = { ours };
    if (peer) engines['pandas'] = () => runPandas(peer.python, csv, options.target);
    const samples = await interleave('load', options.repeats, engines);

    const machine = describeMachine({ ...peer?.versions, danfojs: versionOf('danfojs-node') });
    const summary = Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, summarize(all)]));
    const ratio = ratioOf(summary);
    process.stdout.write(await writeMarkdown(toMarkdown(renderFacts(machine, data), summary, ratio), output));
    if (options.json) process.stdout.write(`${JSON.stringify({ machine, data, summary, ratio })}\n`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function prepareCsv(
  { csv, from, rows }: Options,
  directory: string,
): Promise<{ csv: string; data: string }> {
  const file = csv ?? join(directory, FILE);
  if (csv === undefined) {
    progress(`writing ${rows.toLocaleString('en')} rows`);
    await writeLargeDataset(file, { rows, seed: 1, ...(from !== undefined && { from }) });
  }
  const { size } = await stat(file);
  const origin = csv ?? `${rows.toLocaleString('en')} rows from ${from ?? 'the sample dataset'}`;
  return { csv: file, data: `${origin}, ${Math.round(size / 1e6).toLocaleString('en')} MB` };
}

async function findPandas(): Promise<Awaited<ReturnType<typeof ensurePandas>> | undefined> {
  try {
    return await ensurePandas();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    progress(`without pandas: ${error.message}`);
    return undefined;
  }
}

async function runOurs(program: string, csv: string, target: string, directory: string): Promise<Sample> {
  const at = csv.lastIndexOf('/');
  const artifacts = mkdtempSync(join(directory, 'artifacts-'));
  const args = [csv.slice(0, Math.max(at, 1)), csv.slice(at + 1), target, artifacts, `${LOADS_PER_PROCESS}`];
  try {
    const { stdout } = await execa(process.execPath, [program, ...args]);
    return sampleSchema.parse(JSON.parse(stdout));
  } finally {
    rmSync(artifacts, { recursive: true, force: true });
  }
}

async function runPandas(python: string, csv: string, target: string): Promise<Sample> {
  const script = join(import.meta.dirname, 'peers', 'pandas_load.py');
  // -B: no __pycache__ beside the sources.
  const { stdout } = await execa(python, ['-B', script, csv, target, `${LOADS_PER_PROCESS}`]);
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

interface Ratio {
  readonly first: number;
  readonly later: number;
  readonly peakMemory: number;
  readonly target: number;
}

function ratioOf({ ours, pandas }: Readonly<Record<string, Summary>>): Ratio | null {
  if (!ours || !pandas) return null;
  return {
    first: ours.firstSeconds / pandas.firstSeconds,
    later: ours.laterSeconds / pandas.laterSeconds,
    peakMemory: ours.peakBytes / pandas.peakBytes,
    target: TARGET_RATIO,
  };
}

function toMarkdown(facts: string, summary: Readonly<Record<string, Summary>>, ratio: Ratio | null): string {
  const rows = Object.entries(summary).map(([name, one]) => [
    name,
    formatSeconds(one.firstSeconds),
    formatSeconds(one.laterSeconds),
    formatSeconds(one.laterCpuSeconds),
    formatMebibytes(one.startBytes),
    formatMebibytes(one.peakBytes),
    one.rows.toLocaleString('en'),
    `${one.features}`,
  ]);
  const met = (value: number): string => (value <= TARGET_RATIO ? 'met' : '**missed**');
  return [
    '# Load benchmark',
    'Written by `npm run bench:load`; [bench/README.md](../README.md#load) explains the figures.',
    facts,
    ratio === null
      ? '**Without pandas: see stderr.**'
      : `Ours takes ${formatRatio(ratio.later)} as long as pandas (at most ${TARGET_RATIO}×: ${met(ratio.later)}), the first load of a process ${formatRatio(ratio.first)} (${met(ratio.first)}), and ${formatRatio(ratio.peakMemory)} its memory.`,
    renderTable({
      head: ['', 'first load', 'later loads', 'CPU', 'memory before', 'peak', 'rows kept', 'features'],
      rows,
    }),
  ].join('\n\n');
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}
