import { readBaselines } from './jobs/baselines.ts';
import { needsServers, type RoundPlan } from './faults/fault.ts';
import { createPipelineJob } from './jobs/pipeline-job.ts';
import { createStreamJob } from './jobs/stream-job.ts';
import { runRound, type RoundReport } from './round.ts';
import { prepareRound, type Environment } from './environment/environment.ts';

/** More than there are cores, because rounds mostly wait for heartbeat timeouts. */
const ROUNDS_AT_ONCE = 3;

/**
 * Runs the rounds. Those that stop a server run one by one on servers of their own, at the same time as the others.
 *
 * @param exclusive servers for the rounds that stop one; undefined if there is no such round
 */
export async function runRounds(
  environment: Environment,
  exclusive: Environment | undefined,
  plans: readonly RoundPlan[],
  onReport: (report: RoundReport) => void,
): Promise<RoundReport[]> {
  const { pipelineOf, streamOf } = await readBaselines(environment, plans);
  const reports: RoundReport[] = [];
  const run = async (where: Environment, plan: RoundPlan): Promise<void> => {
    const round = await prepareRound(where, `round-${plan.round}`);
    const job =
      plan.job === 'pipeline'
        ? createPipelineJob(where, round, plan, pipelineOf(plan))
        : createStreamJob(where, round, plan, streamOf(plan));
    const report = await runRound(where, round, plan, job);
    reports.push(report);
    onReport(report);
  };
  const runQueue = async (where: Environment | undefined, queue: RoundPlan[]): Promise<void> => {
    for (let next = queue.shift(); where && next; next = queue.shift()) await run(where, next);
  };
  const shared = plans.filter((plan) => !needsServers(plan));
  const concurrent = Array.from({ length: ROUNDS_AT_ONCE }, () => runQueue(environment, shared));
  await Promise.all([runQueue(exclusive, plans.filter(needsServers)), ...concurrent]);
  return reports.sort((a, b) => a.plan.round - b.plan.round);
}
