import { readBaselines } from './baselines.ts';
import { needsServers, type RoundPlan } from './fault.ts';
import { createPipelineJob } from './jobs/pipeline-job.ts';
import { createStreamJob } from './jobs/stream-job.ts';
import { playRound, type RoundReport } from './round.ts';
import { prepareGround, type Stage } from './stage.ts';

/** Rounds wait for heartbeat timeouts most of their time. */
const ROUNDS_AT_ONCE = 3;

/**
 * Rounds that take a server away are played one by one, on servers of their own; the others beside them.
 *
 * @param lonely where those are played; undefined if there are none
 */
export async function playRounds(
  stage: Stage,
  lonely: Stage | undefined,
  plans: readonly RoundPlan[],
  onReport: (report: RoundReport) => void,
): Promise<RoundReport[]> {
  const { pipelineOf, streamOf } = await readBaselines(stage, plans);
  const reports: RoundReport[] = [];
  const play = async (where: Stage, plan: RoundPlan): Promise<void> => {
    const ground = await prepareGround(where, `round-${plan.round}`);
    const job =
      plan.job === 'pipeline'
        ? createPipelineJob(where, ground, plan, pipelineOf(plan))
        : createStreamJob(where, ground, plan, streamOf(plan));
    const report = await playRound(where, ground, plan, job);
    reports.push(report);
    onReport(report);
  };
  const takeTurns = async (where: Stage | undefined, waiting: RoundPlan[]): Promise<void> => {
    for (let next = waiting.shift(); where && next; next = waiting.shift()) await play(where, next);
  };
  const shared = plans.filter((plan) => !needsServers(plan));
  const lanes = Array.from({ length: ROUNDS_AT_ONCE }, () => takeTurns(stage, shared));
  await Promise.all([takeTurns(lonely, plans.filter(needsServers)), ...lanes]);
  return reports.sort((a, b) => a.plan.round - b.plan.round);
}
