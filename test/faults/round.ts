import { inspect } from 'node:util';
import { createWorkers } from './environment/workers.ts';
import { injectionOf, type Fault, type FaultKind, type RoundPlan } from './faults/fault.ts';
import type { Job } from './jobs/job.ts';
import type { Verdict } from './report/oracle.ts';
import { followFault } from './faults/follow-fault.ts';
import { watchRun } from './jobs/run-watch.ts';
import type { Firing, FaultContext } from './faults/context.ts';
import type { RoundEnvironment, Environment } from './environment/environment.ts';

export interface FiredFault extends Firing {
  readonly fault: Fault;
}

export interface RoundReport {
  readonly plan: RoundPlan;
  readonly seconds: number;
  readonly fired: readonly FiredFault[];
  /** One a run; none when the round failed before its end. */
  readonly verdicts: readonly Verdict[];
  /** Why the round failed, with the last lines of the workers' logs. */
  readonly failure?: string;
}

/** Faults that end the workflow until it is repaired, and the status that it ends with. */
const ENDS: Partial<Record<FaultKind, string>> = { 'artifact-corrupt': 'FAILED', terminate: 'TERMINATED' };

/** Starts the job, follows every fault from its injection to the recovery, and judges the records. */
export async function runRound(
  environment: Environment,
  round: RoundEnvironment,
  plan: RoundPlan,
  job: Job,
): Promise<RoundReport> {
  const { bundleFile, servers, awaySeconds, client } = environment;
  const startedMs = Date.now();
  const injections = plan.faults.map(injectionOf);
  const workers = createWorkers(
    { directory: round.directory, injections, ...(bundleFile !== undefined && { bundleFile }) },
    round.env,
  );
  const watch = watchRun(client, round.workflowId, {
    mayEndAs: plan.faults.flatMap(({ kind }) => ENDS[kind] ?? []),
  });
  const context: FaultContext = {
    ...round,
    client,
    workers,
    awaySeconds,
    ended: watch.ended,
    start: job.start,
    ...(servers && { servers }),
  };
  const fired: FiredFault[] = [];
  const report = (verdicts: readonly Verdict[]) => ({
    plan,
    fired,
    verdicts,
    seconds: (Date.now() - startedMs) / 1000,
  });
  try {
    await job.prepare();
    await workers.start(plan.faults.some(({ kind }) => kind === 'two-workers') ? 2 : 1);
    await job.start();
    await Promise.all(
      plan.faults.map(async (fault, i) => {
        fired.push({ fault, ...(await followFault(context, fault, i)) });
      }),
    );
    const verdicts = await job.conclude(watch);
    const failure = describeFailure(fired, verdicts);
    if (failure === undefined) return report(verdicts);
    return { ...report(verdicts), failure: `${failure}\n${await workers.logTails()}` };
  } catch (error) {
    return { ...report([]), failure: `${inspect(error, { depth: 8 })}\n${await workers.logTails()}` };
  } finally {
    watch.stop();
    await workers.stop();
  }
}

function describeFailure(fired: readonly Firing[], verdicts: readonly Verdict[]): string | undefined {
  const some = (what: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : [`${ids.length} ${what}: ${ids.slice(0, 10).join(', ')}`];
  const found = verdicts.flatMap(({ lost, duplicated, unexpected, isHashEqual }) => [
    ...some('lost', lost),
    ...some('duplicated', duplicated),
    ...some('unexpected', unexpected),
    ...(isHashEqual ? [] : ['the predictions are not those of the run without faults']),
  ]);
  const problems = [...fired.flatMap(({ violation }) => violation ?? []), ...found];
  return problems.length === 0 ? undefined : problems.join('; ');
}
