import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Table from 'cli-table3';
import { Command, InvalidArgumentError } from 'commander';
import { loadProcessConfig } from '../../../src/config.ts';
import type { Verdict } from '../report/oracle.ts';
import { readPipelineBaseline, runPipeline } from '../jobs/pipeline-job.ts';
import { readFailedAttempts } from './attempts.ts';
import { startWorkers } from './killing.ts';
import { startServers } from './servers.ts';
import { startStream } from './stream.ts';

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly rate: number;
  readonly killEvery: number;
}

const RUNS = 5;
const VARIANT = { partitions: 12, shards: undefined } as const;

const program = new Command('test:chaos')
  .description(
    'Kills one of three workers with separate directories again and again, while runs and a stream use an object store.',
  )
  .option('--minutes <n>', 'duration', parseNumber, 3)
  .option('--seed <n>', 'seed of the random numbers that choose the workers', parseNumber, 7)
  .option('--rate <n>', 'records per second of the stream', parseNumber, 2_000)
  .option('--kill-every <seconds>', 'interval between kills', parseNumber, 10)
  .action(main);

async function main({ minutes, seed, rate, killEvery }: Options): Promise<void> {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const { local } = loadProcessConfig();
  await mkdir(local.stateDir, { recursive: true });
  const directory = await mkdtemp(join(local.stateDir, 'chaos-'));
  const servers = await startServers(directory, log);
  const { client, kafka, taskQueue } = servers;
  const roundOf = (name: string) => ({ workflowId: name, taskQueue, topic: name });
  const workers = await startWorkers(servers, seed).catch(async (error: unknown) => {
    await servers.close();
    throw error;
  });
  let isPassed: boolean;
  try {
    log('a run and a stream without kills');
    const baseline = await readPipelineBaseline({ client, kafka }, roundOf('baseline'), VARIANT);
    const stream = await startStream(servers, baseline.result.model);

    const seconds = minutes * 60;
    const runs = Array.from({ length: RUNS }, async (_, run) => {
      await sleep((run * seconds * 1_000) / RUNS);
      return runPipeline({ client, kafka }, roundOf(`chaos-run-${run + 1}`), VARIANT, baseline);
    });
    const [kills, sent, verdicts] = await Promise.all([
      workers.kill(seconds, killEvery, log),
      stream.produce(seconds, rate),
      Promise.all(runs),
    ]);
    const lagSeconds = await stream.catchUp();
    const streamVerdict = await stream.judge();
    const attempts = await readFailedAttempts(client, workers.journal());

    const rows = [...verdicts.map((verdict, run) => [`run ${run + 1}`, verdict] as const)];
    process.stdout.write(`${tableOf([...rows, ['stream', streamVerdict]])}\n`);
    const failed = [...attempts.failed].map(([type, count]) => `${type} ${count}`).join(', ') || 'none';
    process.stdout.write(
      `seed ${seed}, ${servers.store}: ${kills} kills in ${seconds} s, ${sent} records at ${rate}/s, up to date ` +
        `${lagSeconds.toFixed(1)} s after the last kill, run and record\n` +
        `${attempts.attempts} attempts of activities: ${attempts.lost} lost with their workers, failed: ${failed}\n`,
    );
    for (const line of attempts.ofArtifacts) process.stdout.write(`an artifact was not there: ${line}\n`);
    isPassed =
      [...verdicts, streamVerdict].every(isGood) &&
      streamVerdict.predicted === sent &&
      attempts.ofArtifacts.length === 0;
    process.exitCode = isPassed ? 0 : 1;
  } catch (error) {
    log(await workers.logTails());
    throw error;
  } finally {
    await workers.stop();
    await servers.close();
  }
  if (isPassed) await rm(directory, { recursive: true, force: true });
  else log(`the files are in ${directory}`);
}

function isGood({ lost, duplicated, unexpected, isHashEqual }: Verdict): boolean {
  return lost.length + duplicated.length + unexpected.length === 0 && isHashEqual;
}

function tableOf(verdicts: readonly (readonly [string, Verdict])[]): string {
  const head = ['what', 'rows in', 'predicted', 'lost', 'duplicated', 'unexpected', 'as without kills'];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const [what, { rowsIn, predicted, lost, duplicated, unexpected, isHashEqual }] of verdicts)
    table.push([
      what,
      rowsIn,
      predicted,
      lost.length,
      duplicated.length,
      unexpected.length,
      isHashEqual ? 'yes' : 'NO',
    ]);
  return table.toString();
}

function parseNumber(text: string): number {
  if (!/^\d{1,9}(\.\d+)?$/.test(text)) throw new InvalidArgumentError('a number');
  return Number(text);
}

await program.parseAsync();
