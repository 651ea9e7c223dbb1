import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { readBaselines } from './baselines.ts';
import { needsServers, type RoundPlan } from './fault.ts';
import { createPipelineJob } from './jobs/pipeline-job.ts';
import { createStreamJob } from './jobs/stream-job.ts';
import { playRound, type RoundReport } from './round.ts';
import { prepareGround, type Stage } from './stage.ts';

/** Rounds wait for heartbeat timeouts most of their time. */
const ROUNDS_AT_ONCE = 3;

/** Rounds that take a server away come first, one by one; then the others, some at a time. */
export async function playRounds(
  stage: Stage,
  plans: readonly RoundPlan[],
  onReport: (report: RoundReport) => void,
): Promise<RoundReport[]> {
  const { pipelineOf, streamOf } = await readBaselines(stage, plans);
  const reports: RoundReport[] = [];
  const play = async (plan: RoundPlan): Promise<void> => {
    const ground = await prepareGround(stage, `round-${plan.round}`);
    const job =
      plan.job === 'pipeline'
        ? createPipelineJob(stage, ground, plan, pipelineOf(plan))
        : createStreamJob(stage, ground, plan, streamOf(plan));
    const report = await playRound(stage, ground, plan, job);
    reports.push(report);
    onReport(report);
  };
  for (const plan of plans.filter(needsServers)) await play(plan);
  const waiting = plans.filter((plan) => !needsServers(plan));
  const takeTurns = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await play(next);
  };
  await Promise.all(Array.from({ length: ROUNDS_AT_ONCE }, takeTurns));
  return reports.sort((a, b) => a.plan.round - b.plan.round);
}

/** The workflows as every worker of the suite runs them, compiled once. */
export async function writeBundle(directory: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('../../src/workflows', import.meta.url));
  const file = join(directory, 'workflow-bundle.json');
  await writeFile(
    file,
    JSON.stringify(await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') })),
  );
  return file;
}
