import { createCrew } from './crew.ts';
import { strikeOf, type Fault, type FaultKind, type RoundPlan } from './fault.ts';
import type { Job } from './jobs/job.ts';
import type { Verdict } from './oracle.ts';
import { playFault } from './play.ts';
import { watchRun } from './run-watch.ts';
import type { Firing, Scene } from './scene.ts';
import type { Ground, Stage } from './stage.ts';

export interface FiredFault extends Firing {
  readonly fault: Fault;
}

export interface RoundReport {
  readonly plan: RoundPlan;
  readonly seconds: number;
  readonly fired: readonly FiredFault[];
  /** One a run; a round that failed before its end has none. */
  readonly verdicts: readonly Verdict[];
  /** Why the round failed, with the ends of the workers' logs. */
  readonly failure?: string;
}

/** A fault that ends the workflow, to have it go on after a repair. */
const ENDS: Partial<Record<FaultKind, string>> = { 'artifact-corrupt': 'FAILED', terminate: 'TERMINATED' };

/** Starts the job, follows every fault from its strike to the recovery, and hears the oracle. */
export async function playRound(
  stage: Stage,
  ground: Ground,
  plan: RoundPlan,
  job: Job,
): Promise<RoundReport> {
  const { bundleFile, servers, awaySeconds, client } = stage;
  const startedMs = Date.now();
  const strikes = plan.faults.map(strikeOf);
  const crew = createCrew(
    { directory: ground.directory, strikes, ...(bundleFile !== undefined && { bundleFile }) },
    ground.env,
  );
  const watch = watchRun(client, ground.workflowId, {
    mayEndAs: plan.faults.flatMap(({ kind }) => ENDS[kind] ?? []),
  });
  const scene: Scene = {
    ...ground,
    ...{ client, crew, awaySeconds, ended: watch.ended, start: job.start },
    ...(servers && { servers }),
  };
  const fired: FiredFault[] = [];
  const report = (verdicts: readonly Verdict[]) => ({
    ...{ plan, fired, verdicts },
    seconds: (Date.now() - startedMs) / 1000,
  });
  try {
    await job.prepare();
    await crew.start(plan.faults.some(({ kind }) => kind === 'two-workers') ? 2 : 1);
    await job.start();
    await Promise.all(
      plan.faults.map(async (fault, i) => {
        fired.push({ fault, ...(await playFault(scene, fault, i)) });
      }),
    );
    const verdicts = await job.conclude(watch);
    const failure = describeFailure(fired, verdicts);
    if (failure === undefined) return report(verdicts);
    return { ...report(verdicts), failure: `${failure}\n${await crew.logTails()}` };
  } catch (error) {
    return { ...report([]), failure: `${String(error)}\n${await crew.logTails()}` };
  } finally {
    watch.stop();
    await crew.stop();
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
