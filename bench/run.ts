import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { DatasetError } from '../src/domain/errors.ts';
import { demo } from './demo.ts';
import { forest } from './forest.ts';
import { job } from './job.ts';
import { latency } from './latency.ts';
import { load } from './load.ts';
import { microBatch } from './micro-batch.ts';
import { publish } from './publish.ts';
import { runs } from './runs.ts';
import { stores } from './stores.ts';
import { stream } from './stream.ts';
import { createContext } from './setup/context.ts';
import { chooseParts, UnknownPart, type Choice } from './suite/arguments.ts';
import { describeMachine } from './suite/machine.ts';
import type { BenchOptions } from './suite/bench-options.ts';
import type { Part } from './suite/part.ts';
import { progress } from './suite/progress.ts';
import { formatMarkdown } from './suite/results.ts';
import { runParts } from './suite/run-parts.ts';

/** In the order of a run. */
const PARTS: readonly Part[] = [job, stream, stores, publish, microBatch, latency, runs, load, demo, forest];
/** Without names, `--quick` runs these. */
const QUICK_PARTS = ['job', 'stream', 'load'];

const ROOT = join(import.meta.dirname, '..');
const DEFAULT_CSV = join(ROOT, '..', 'shared', 'data', 'movie_metadata.csv');
const RECORDED = join(import.meta.dirname, 'results');
const QUICK_OUTPUT = join(ROOT, '.local', 'bench-results');

interface Flags {
  readonly quick?: true;
  readonly full?: true;
  readonly json?: true;
  readonly repeats?: number;
  readonly csv: string;
  readonly output?: string;
}

const program = new Command('bench')
  .description(`Measures this project beside its peers, part by part:\n${describeParts()}`)
  .argument('[parts...]', 'parts, or figures of a part like forest:training; default all, with --quick some')
  .option('--quick', `less of everything; without names only ${QUICK_PARTS.join(', ')}`)
  .option('--full', 'also what takes more than half an hour')
  .option('--json', 'end stdout with one line of JSON')
  .option('--repeats <n>', 'rounds, instead of each part’s own number', parseCount)
  .addOption(new Option('--csv <file>', 'the IMDb file').env('BENCH_CSV').default(DEFAULT_CSV))
  .option('--output <folder>', `a page per part; default ${RECORDED}, with --quick ${QUICK_OUTPUT}`)
  .action(main);

async function main(names: readonly string[], flags: Flags): Promise<void> {
  const { quick = false, full = false, json = false, repeats, csv } = flags;
  const all = quick ? QUICK_PARTS : PARTS.map(({ name }) => name);
  const choices = chooseParts(PARTS, names.length > 0 ? names : all);
  const output = flags.output ?? (quick || isPartial(choices) ? QUICK_OUTPUT : RECORDED);
  const options: BenchOptions = { quick, full, repeats, csv };

  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  const context = createContext(options, directory);
  const cleanUp = async (): Promise<void> => {
    await context.close();
    rmSync(directory, { recursive: true, force: true });
  };
  cleanUpOnSignal(cleanUp);
  try {
    const done = await runParts(choices, context, output);
    process.stdout.write(await formatMarkdown(done.toMarkdown()));
    progress(`pages in ${output}`);
    if (json) {
      const facts = { machine: describeMachine({}), options, ...done.toJson() };
      process.stdout.write(`${JSON.stringify(facts)}\n`);
    }
    if (done.hasFailed) process.exitCode = 1;
  } finally {
    await cleanUp();
  }
}

/** Some figures only: not worth a page among the recorded ones. */
function isPartial(choices: readonly Choice[]): boolean {
  return choices.some(({ part, figures }) => figures.size < (part.figures?.length ?? 0));
}

function describeParts(): string {
  return PARTS.map(({ name, question }) => `  ${name.padEnd(12)} ${question}`).join('\n');
}

function cleanUpOnSignal(cleanUp: () => Promise<void>): void {
  for (const [signal, code] of [['SIGINT', 130] as const, ['SIGTERM', 143] as const]) {
    process.once(signal, () => {
      progress('stopping');
      void cleanUp().finally(() => process.exit(code));
    });
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}

try {
  await program.parseAsync();
} catch (error) {
  // Errors that the user can fix need no stack trace.
  if (!(error instanceof DatasetError || error instanceof UnknownPart)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
