import { startWorkerProcess } from '../support/worker-process.ts';
import type { RoundPlan } from './fault.ts';
import { readPipelineBaseline, type PipelineBaseline } from './jobs/pipeline-job.ts';
import { readStreamBaseline, type StreamBaseline } from './jobs/stream-job.ts';
import { prepareGround, type Stage } from './stage.ts';

export interface Baselines {
  readonly pipelineOf: (plan: RoundPlan) => PipelineBaseline;
  readonly streamOf: (plan: RoundPlan) => StreamBaseline;
}

/** Every variant of the rounds once, by the worker that people run, undisturbed. */
export async function readBaselines(stage: Stage, plans: readonly RoundPlan[]): Promise<Baselines> {
  const ground = await prepareGround(stage, 'baseline');
  const groundOf = (name: string) => {
    const own = `${ground.topic}-${name}`;
    return { ...ground, workflowId: own, topic: own };
  };
  const worker = await startWorkerProcess(ground.env);
  try {
    const streams = plans.filter(({ job }) => job !== 'pipeline');
    const [first] = streams;
    // A stream needs the model of a run, whichever.
    const runs = [...plans.filter(({ job }) => job === 'pipeline'), ...(first ? [first] : [])];
    const pipelines = await readEach(runs, pipelineName, (plan) =>
      readPipelineBaseline(stage, groundOf(pipelineName(plan)), plan),
    );
    const [trained] = pipelines.values();
    if (trained === undefined) throw new Error('there is no round to play');
    const { artifactDir } = ground;
    const model = { model: trained.result.model, artifactDir };
    const streamed = await readEach(streams, streamName, (plan) =>
      readStreamBaseline(stage, groundOf(streamName(plan)), plan.partitions, model),
    );
    return {
      pipelineOf: (plan) => pipelines.get(pipelineName(plan)) as PipelineBaseline,
      streamOf: (plan) => streamed.get(streamName(plan)) as StreamBaseline,
    };
  } finally {
    await worker.kill();
  }
}

async function readEach<T>(
  plans: readonly RoundPlan[],
  nameOf: (plan: RoundPlan) => string,
  read: (plan: RoundPlan) => Promise<T>,
): Promise<Map<string, T>> {
  const variants = new Map(plans.map((plan) => [nameOf(plan), plan]));
  return new Map(
    await Promise.all([...variants].map(async ([name, plan]) => [name, await read(plan)] as const)),
  );
}

function pipelineName({ partitions, shards }: RoundPlan): string {
  return `pipeline-${partitions}-partitions-${shards ?? 1}-shards`;
}

function streamName({ partitions }: RoundPlan): string {
  return `stream-${partitions}-partitions`;
}
