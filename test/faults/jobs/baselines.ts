import { startWorkerProcess } from '../../support/worker/worker-process.ts';
import type { RoundPlan } from '../faults/fault.ts';
import { readPipelineBaseline, type PipelineBaseline } from './pipeline-job.ts';
import { readStreamBaseline, type StreamBaseline } from './stream-job.ts';
import { prepareRound, type Environment } from '../environment/environment.ts';

export interface Baselines {
  readonly pipelineOf: (plan: RoundPlan) => PipelineBaseline;
  readonly streamOf: (plan: RoundPlan) => StreamBaseline;
}

/** Runs every variant of the rounds once without faults, on a normal worker. */
export async function readBaselines(
  environment: Environment,
  plans: readonly RoundPlan[],
): Promise<Baselines> {
  const round = await prepareRound(environment, 'baseline');
  const roundOf = (name: string) => {
    const own = `${round.topic}-${name}`;
    return { ...round, workflowId: own, topic: own };
  };
  const worker = await startWorkerProcess(round.env);
  try {
    const streams = plans.filter(({ job }) => job !== 'pipeline');
    const [first] = streams;
    // A stream needs a model, of any run.
    const runs = [...plans.filter(({ job }) => job === 'pipeline'), ...(first ? [first] : [])];
    const pipelines = await readEach(runs, pipelineName, (plan) =>
      readPipelineBaseline(environment, roundOf(pipelineName(plan)), plan),
    );
    const [trained] = pipelines.values();
    if (trained === undefined) throw new Error('there are no rounds to run');
    const { artifactDir } = round;
    const model = { model: trained.result.model, artifactDir };
    const streamed = await readEach(streams, streamName, (plan) =>
      readStreamBaseline(environment, roundOf(streamName(plan)), plan.partitions, model),
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
