import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Command, InvalidArgumentError } from 'commander';
import { Kafka, logLevel } from 'kafkajs';
import { loadProcessConfig } from '../../src/config.ts';
import { ensureSampleDataset } from '../../src/dev/sample-dataset.ts';
import { readLogTail } from '../../src/dev/server-log.ts';
import { dealRounds } from './deck.ts';
import { describePlan, FAULT_KINDS, type FaultKind } from './fault.ts';
import type { RoundReport } from './round.ts';
import { startOwnServers, type OwnServers } from './servers.ts';
import type { Stage } from './stage.ts';
import { playRounds, writeBundle } from './suite.ts';
import { faultTable, reportLine, summarize } from './summary.ts';

interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly round?: number;
  readonly only?: readonly FaultKind[];
  readonly short?: true;
  readonly json?: true;
}

const AWAY_SECONDS = 60;
const SHORT_AWAY_SECONDS = 15;

const program = new Command('test:faults')
  .description(
    'Plays seeded rounds of faults on real servers and worker processes; every row must come out once.',
  )
  .option('--rounds <n>', 'how many', parseCount, 50)
  .option('--seed <n>', 'decides all rounds', parseCount, 7)
  .option('--round <n>', 'only this one of them', parseCount)
  .option('--only <faults>', `some of ${FAULT_KINDS.join(',')}`, parseKinds)
  .option('--short', `the broker is away for ${SHORT_AWAY_SECONDS} s instead of ${AWAY_SECONDS} s`)
  .option('--json', 'end stdout with one line of JSON')
  .action(main);

async function main({ rounds, seed, round, only, short, json }: Options): Promise<void> {
  const { local } = loadProcessConfig();
  await mkdir(local.stateDir, { recursive: true });
  const stateDir = await mkdtemp(join(local.stateDir, 'faults-'));
  const [servers, bundleFile] = await Promise.all([startOwnServers(local, stateDir), writeBundle(stateDir)]);
  const connection = await Connection.connect({ address: servers.temporal.address });
  const stage: Stage = {
    client: new Client({ connection }),
    kafka: new Kafka({ brokers: [servers.kafka.address], logLevel: logLevel.NOTHING }),
    env: {
      TEMPORAL_ADDRESS: servers.temporal.address,
      KAFKA_BROKERS: servers.kafka.address,
      DATA_DIR: join(stateDir, 'data'),
    },
    name: 'faults',
    ...{ stateDir, bundleFile, servers },
    awaySeconds: short ? SHORT_AWAY_SECONDS : AWAY_SECONDS,
  };
  await ensureSampleDataset(join(stateDir, 'data'));
  const plans = dealRounds(seed, Math.max(rounds, round ?? 0), only).filter(
    (plan) => round === undefined || plan.round === round,
  );
  try {
    const flags = `--seed ${seed}${only ? ` --only ${only.join(',')}` : ''}${short ? ' --short' : ''}`;
    const failures: Promise<void>[] = [];
    const reports = await playRounds(stage, plans, (report) => {
      process.stdout.write(`${reportLine(report)}\n`);
      if (report.failure !== undefined) failures.push(explain(report, flags, servers));
    });
    await Promise.all(failures);
    process.stdout.write(`${faultTable(reports)}\n`);
    const summary = summarize(seed, reports);
    if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    if (summary.failedRounds.length > 0) {
      process.exitCode = 1;
      process.stderr.write(
        `rounds ${summary.failedRounds.join(', ')} failed; their files are in ${stateDir}\n`,
      );
    } else {
      await rm(stateDir, { recursive: true, force: true });
    }
  } finally {
    await connection.close();
    await Promise.all([servers.kafka.stop(), servers.temporal.stop()]);
  }
}

async function explain({ plan, failure }: RoundReport, flags: string, servers: OwnServers): Promise<void> {
  const tails = await Promise.all(
    [servers.kafka, servers.temporal].map(
      async ({ logFile }) => `== ${logFile()}\n${await readLogTail(logFile())}`,
    ),
  );
  process.stderr.write(
    [
      `round ${plan.round} failed: ${describePlan(plan)}`,
      failure,
      ...tails,
      `repeat it with: npm run test:faults -- ${flags} --round ${plan.round}\n`,
    ].join('\n'),
  );
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
}

function parseKinds(text: string): readonly FaultKind[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !FAULT_KINDS.some((kind) => kind === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`there is no ${unknown.join(', ')}`);
  return FAULT_KINDS.filter((kind) => names.includes(kind));
}

await program.parseAsync();
