import { workflowType } from '../../src/domain/names.ts';
import type { PipelineResult } from '../../src/domain/step-results.ts';
import { createCrew } from './crew.ts';
import { strikeOf, type Fault, type RoundPlan } from './fault.ts';
import type { Verdict } from './oracle.ts';
import { readPipelineRecords } from './pipeline-evidence.ts';
import { createTopics, judgeRun, pipelineInput, type Baseline } from './pipeline.ts';
import { playFault } from './play.ts';
import type { Firing, Scene } from './scene.ts';
import { watchRun } from './run-watch.ts';
import { prepareGround, type Ground, type Stage } from './stage.ts';

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

export async function playRound(stage: Stage, plan: RoundPlan, baseline: Baseline): Promise<RoundReport> {
  const startedMs = Date.now();
  const ground = await prepareGround(stage, `round-${plan.round}`);
  const { bundleFile } = stage;
  const strikes = plan.faults.map(strikeOf);
  const crew = createCrew(
    { directory: ground.directory, strikes, ...(bundleFile !== undefined && { bundleFile }) },
    ground.env,
  );
  const fired: FiredFault[] = [];
  const verdicts: Verdict[] = [];
  const seconds = () => (Date.now() - startedMs) / 1000;
  try {
    await createTopics(stage.kafka, ground.topic, plan.partitions);
    await crew.start(plan.faults.some(({ kind }) => kind === 'two-workers') ? 2 : 1);
    const watch = watchRun(stage.client, ground.workflowId, {
      mayFail: plan.faults.some(({ kind }) => kind === 'artifact-corrupt'),
    });
    const { servers, awaySeconds, client } = stage;
    const scene: Scene = {
      ...ground,
      workflowType: workflowType.ratingPipeline,
      ...{ client, crew, awaySeconds, ended: watch.ended },
      ...(servers && { servers }),
    };
    try {
      await startPipeline(stage, ground, plan);
      const plays = plan.faults.map(async (fault, i) => {
        fired.push({ fault, ...(await playFault(scene, fault, i)) });
      });
      await Promise.all(plays);
      const results = [(await watch.completed()) as PipelineResult];
      if (plan.faults.some(({ kind }) => kind === 'same-id-twice')) {
        await startPipeline(stage, ground, plan);
        results.push((await watch.completed()) as PipelineResult);
      }
      verdicts.push(...(await judgeAll(stage, ground, results, baseline)));
    } finally {
      watch.stop();
    }
    const failure = describeFaults(verdicts);
    const failed = failure === undefined ? {} : { failure: `${failure}\n${await crew.logTails()}` };
    return { plan, seconds: seconds(), fired, verdicts, ...failed };
  } catch (error) {
    const failure = `${String(error)}\n${await crew.logTails()}`;
    return { plan, seconds: seconds(), fired, verdicts, failure };
  } finally {
    await crew.stop();
  }
}

async function startPipeline(
  { client }: Stage,
  { workflowId, taskQueue, topic }: Ground,
  plan: RoundPlan,
): Promise<void> {
  const args = [pipelineInput(topic, plan)];
  await client.workflow.start(workflowType.ratingPipeline, { workflowId, taskQueue, args });
}

async function judgeAll(
  { kafka }: Stage,
  { topic }: Ground,
  results: readonly PipelineResult[],
  baseline: Baseline,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let own = 0;
  let total = 0;
  for (const result of results) {
    const records = await readPipelineRecords(kafka, topic, result.run);
    own += records.inputs.length + records.predictions.length + records.deadLetters.length;
    ({ total } = records);
    verdicts.push(judgeRun(records, result, baseline));
  }
  if (own !== total)
    throw new Error(`${total} records in the topics, ${own} of them of the ${results.length} runs`);
  return verdicts;
}

function describeFaults(verdicts: readonly Verdict[]): string | undefined {
  const found = verdicts.flatMap(({ lost, duplicated, unexpected, isHashEqual }) => [
    ...(lost.length > 0 ? [`${lost.length} lost: ${lost.slice(0, 10).join(', ')}`] : []),
    ...(duplicated.length > 0
      ? [`${duplicated.length} duplicated: ${duplicated.slice(0, 10).join(', ')}`]
      : []),
    ...(unexpected.length > 0
      ? [`${unexpected.length} unexpected: ${unexpected.slice(0, 10).join(', ')}`]
      : []),
    ...(isHashEqual ? [] : ['the predictions are not those of the run without faults']),
  ]);
  return found.length === 0 ? undefined : found.join('; ');
}
