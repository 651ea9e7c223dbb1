import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { loadProcessConfig } from '../../src/config.ts';
import { ensureSampleDataset } from '../../src/dev/sample-dataset.ts';
import { planRounds } from './schedule/schedule.ts';
import { describePlan, FAULT_KINDS, needsServers, type FaultKind } from './faults/fault.ts';
import { openOwnEnvironment, type OwnEnvironment } from './environment/own-environment.ts';
import type { RoundReport } from './round.ts';
import { runRounds } from './suite.ts';
import { writeBundle } from '../support/worker/worker-code.ts';
import { faultTable, reportLine, summarize } from './report/summary.ts';

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
    'Runs seeded rounds of faults on real servers and worker processes; every row must be predicted once.',
  )
  .option('--rounds <n>', 'number of rounds', parseCount, 50)
  .option('--seed <n>', 'seed of the random numbers that plan the rounds', parseCount, 7)
  .option('--round <n>', 'run only this one of them', parseCount)
  .option('--only <faults>', `some of ${FAULT_KINDS.join(',')}`, parseKinds)
  .option('--short', `the broker is away for ${SHORT_AWAY_SECONDS} s instead of ${AWAY_SECONDS} s`)
  .option('--json', 'print a line of JSON last')
  .action(main);

async function main({ rounds, seed, round, only, short, json }: Options): Promise<void> {
  const plans = planRounds(seed, Math.max(rounds, round ?? 0), only).filter(
    (plan) => round === undefined || plan.round === round,
  );
  const { local } = loadProcessConfig();
  await mkdir(local.stateDir, { recursive: true });
  const stateDir = await mkdtemp(join(local.stateDir, 'faults-'));
  const dataDir = join(stateDir, 'data');
  const [bundleFile] = await Promise.all([
    writeBundle(join(stateDir, 'workflow-bundle.js')),
    ensureSampleDataset(dataDir),
  ]);
  const common = { stateDir, dataDir, bundleFile, awaySeconds: short ? SHORT_AWAY_SECONDS : AWAY_SECONDS };
  const [shared, exclusive] = await Promise.all([
    openOwnEnvironment(local, 'shared', common),
    plans.some(needsServers) ? openOwnEnvironment(local, 'exclusive', common) : undefined,
  ]);
  let allPassed: boolean;
  try {
    const flags = `--seed ${seed}${only ? ` --only ${only.join(',')}` : ''}${short ? ' --short' : ''}`;
    const failures: Promise<void>[] = [];
    const reports = await runRounds(shared.environment, exclusive?.environment, plans, (report) => {
      process.stdout.write(`${reportLine(report)}\n`);
      const own = exclusive && needsServers(report.plan) ? exclusive : shared;
      if (report.failure !== undefined) failures.push(describe(report, flags, own));
    });
    await Promise.all(failures);
    process.stdout.write(`${faultTable(reports)}\n`);
    const summary = summarize(seed, reports);
    if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    const { failedRounds } = summary;
    allPassed = failedRounds.length === 0;
    if (!allPassed) {
      process.exitCode = 1;
      process.stderr.write(`rounds ${failedRounds.join(', ')} failed; their files are in ${stateDir}\n`);
    }
  } finally {
    await Promise.all([shared.close(), exclusive?.close()]);
  }
  if (allPassed) await rm(stateDir, { recursive: true, force: true });
}

async function describe(
  { plan, failure }: RoundReport,
  flags: string,
  { logTails }: OwnEnvironment,
): Promise<void> {
  const lines = [
    `round ${plan.round} failed: ${describePlan(plan)}`,
    failure,
    await logTails(),
    `repeat it with: npm run test:faults -- ${flags} --round ${plan.round}`,
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('a whole number');
  return Number(text);
}

function parseKinds(text: string): readonly FaultKind[] {
  const names = text.split(',');
  const unknown = names.filter((name) => !FAULT_KINDS.some((kind) => kind === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`unknown: ${unknown.join(', ')}`);
  return FAULT_KINDS.filter((kind) => names.includes(kind));
}

await program.parseAsync();
