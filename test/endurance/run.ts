import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { manyBatches } from './many-batches.ts';
import { printFindings, type Finding } from './finding.ts';
import { openEnvironment } from './environment.ts';
import { sideBySide } from './side-by-side.ts';
import { sustainedStream } from './sustained-stream.ts';

interface Options {
  readonly batches: string;
  readonly rate: string;
  readonly seconds: string;
  readonly killEvery: string;
  readonly maxLag: string;
  readonly only?: string;
}

const program = new Command('test:endurance')
  .description(
    'Runs for minutes: thousands of micro-batches, ten streams beside a training, and a stream whose workers are killed.',
  )
  .option('--batches <n>', 'micro-batches of the run', '5000')
  .option('--rate <n>', 'records per second of the stream', '2000')
  .option('--seconds <n>', 'duration of the stream', '120')
  .option('--kill-every <seconds>', 'interval between the kills of a worker of the stream', '20')
  .option('--max-lag <seconds>', 'from the last record of the stream to a lag of 0', '10')
  .option('--only <name>', 'many-batches, sustained-stream or side-by-side');
program.parse();
const { batches, rate, seconds, killEvery, maxLag, only } = program.opts<Options>();

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const directory = await mkdtemp(join(tmpdir(), 'imdb-endurance-'));
const environment = await openEnvironment(directory, log);
try {
  const findings: Finding[] = [];
  const isWanted = (name: string): boolean => only === undefined || only === name;
  if (isWanted('many-batches')) findings.push(...(await manyBatches(environment, Number(batches))));
  if (isWanted('side-by-side')) findings.push(...(await sideBySide(environment)));
  if (isWanted('sustained-stream')) {
    const plan = {
      rate: Number(rate),
      seconds: Number(seconds),
      killEverySeconds: Number(killEvery),
      maxLagSeconds: Number(maxLag),
    };
    findings.push(...(await sustainedStream(environment, plan)));
  }
  process.stdout.write(`${printFindings(findings)}\n`);
  process.exitCode = findings.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  await environment.close();
  await rm(directory, { recursive: true, force: true });
}
