import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { manyBatches } from './many-batches.ts';
import { printFindings, type Finding } from './finding.ts';
import { openGround } from './ground.ts';
import { sustainedStream } from './sustained-stream.ts';

interface Options {
  readonly batches: string;
  readonly rate: string;
  readonly seconds: string;
  readonly killEvery: string;
  readonly only?: string;
}

const program = new Command('test:endurance')
  .description('What takes minutes: thousands of micro-batches, and a stream whose workers are killed.')
  .option('--batches <n>', 'micro-batches of the long run', '5000')
  .option('--rate <n>', 'records a second of the stream', '2000')
  .option('--seconds <n>', 'length of the stream', '120')
  .option('--kill-every <seconds>', 'a worker of the stream is killed so often', '20')
  .option('--only <name>', 'many-batches or sustained-stream');
program.parse();
const { batches, rate, seconds, killEvery, only } = program.opts<Options>();

const log = (line: string): void => void process.stderr.write(`${line}\n`);
const directory = await mkdtemp(join(tmpdir(), 'imdb-endurance-'));
const ground = await openGround(directory, log);
try {
  const findings: Finding[] = [];
  if (only !== 'sustained-stream') findings.push(...(await manyBatches(ground, Number(batches))));
  if (only !== 'many-batches') {
    const plan = { rate: Number(rate), seconds: Number(seconds), killEverySeconds: Number(killEvery) };
    findings.push(...(await sustainedStream(ground, plan)));
  }
  process.stdout.write(`${printFindings(findings)}\n`);
  process.exitCode = findings.every(({ isMet }) => isMet) ? 0 : 1;
} finally {
  await ground.close();
  await rm(directory, { recursive: true, force: true });
}
