import { readBaselines } from './jobs/baselines.ts';
import { needsServers, type RoundPlan } from './faults/fault.ts';
import { createPipelineJob } from './jobs/pipeline-job.ts';
import { createStreamJob } from './jobs/stream-job.ts';
import { runRound, type RoundReport } from './round.ts';
import { prepareRound, type Environment } from './environment/environment.ts';

/** Rounds mostly wait for heartbeat timeouts. */
const ROUNDS_AT_ONCE = 3;

/**
 * Runs the rounds. Those that take a server away run one by one on servers of their own, the others beside them.
 *
 * @param exclusive the servers of the former; undefined if there is no such round
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
  const takeTurns = async (where: Environment | undefined, waiting: RoundPlan[]): Promise<void> => {
    for (let next = waiting.shift(); where && next; next = waiting.shift()) await run(where, next);
  };
  const shared = plans.filter((plan) => !needsServers(plan));
  const lanes = Array.from({ length: ROUNDS_AT_ONCE }, () => takeTurns(environment, shared));
  await Promise.all([takeTurns(exclusive, plans.filter(needsServers)), ...lanes]);
  return reports.sort((a, b) => a.plan.round - b.plan.round);
}
