import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { loadProcessConfig } from '../../src/config.ts';
import { ensureSampleDataset } from '../../src/dev/sample-dataset.ts';
import { dealRounds } from './deck.ts';
import { describePlan, FAULT_KINDS, needsServers, type FaultKind } from './fault.ts';
import { openOwnStage, type OwnStage } from './own-stage.ts';
import type { RoundReport } from './round.ts';
import { playRounds } from './suite.ts';
import { writeBundle } from '../support/worker-code.ts';
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
  const plans = dealRounds(seed, Math.max(rounds, round ?? 0), only).filter(
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
  const [shared, lonely] = await Promise.all([
    openOwnStage(local, 'shared', common),
    plans.some(needsServers) ? openOwnStage(local, 'lonely', common) : undefined,
  ]);
  try {
    const flags = `--seed ${seed}${only ? ` --only ${only.join(',')}` : ''}${short ? ' --short' : ''}`;
    const failures: Promise<void>[] = [];
    const reports = await playRounds(shared.stage, lonely?.stage, plans, (report) => {
      process.stdout.write(`${reportLine(report)}\n`);
      const own = lonely && needsServers(report.plan) ? lonely : shared;
      if (report.failure !== undefined) failures.push(explain(report, flags, own));
    });
    await Promise.all(failures);
    process.stdout.write(`${faultTable(reports)}\n`);
    const summary = summarize(seed, reports);
    if (json) process.stdout.write(`${JSON.stringify(summary)}\n`);
    const { failedRounds } = summary;
    if (failedRounds.length === 0) await rm(stateDir, { recursive: true, force: true });
    else {
      process.exitCode = 1;
      process.stderr.write(`rounds ${failedRounds.join(', ')} failed; their files are in ${stateDir}\n`);
    }
  } finally {
    await Promise.all([shared.close(), lonely?.close()]);
  }
}

async function explain({ plan, failure }: RoundReport, flags: string, { logTails }: OwnStage): Promise<void> {
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
  if (unknown.length > 0) throw new InvalidArgumentError(`there is no ${unknown.join(', ')}`);
  return FAULT_KINDS.filter((kind) => names.includes(kind));
}

await program.parseAsync();
