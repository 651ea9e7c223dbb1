import { startWorkerProcess } from '../support/worker-process.ts';
import type { RoundPlan } from './fault.ts';
import { readBaseline, type Baseline, type PipelineVariant } from './pipeline.ts';
import { prepareGround, type Stage } from './stage.ts';

/** Every variant of the rounds once, by the worker that people run, undisturbed. */
export async function readBaselines(
  stage: Stage,
  plans: readonly RoundPlan[],
): Promise<(variant: PipelineVariant) => Baseline> {
  const ground = await prepareGround(stage, 'baseline');
  const worker = await startWorkerProcess(ground.env);
  try {
    const variants = new Map(plans.map((plan) => [nameOf(plan), plan]));
    const found = await Promise.all(
      [...variants].map(async ([name, variant]) => {
        const own = `${ground.topic}-${name}`;
        const run = { workflowId: own, topic: own, variant };
        return [name, await readBaseline({ ...stage, taskQueue: ground.taskQueue }, run)] as const;
      }),
    );
    const baselines = new Map(found);
    return (variant) => baselines.get(nameOf(variant)) as Baseline;
  } finally {
    await worker.kill();
  }
}

function nameOf({ partitions, shards }: PipelineVariant): string {
  return `${partitions}-partitions-${shards ?? 1}-shards`;
}
