import type { Client } from '@temporalio/client';
import { PROGRESS_QUERY, streamWorkflowId, workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { StreamProgress } from '../../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { pollUntil } from '../poll-until.ts';
import { startWorkerProcess } from './worker-process.ts';

export interface CrashedRun {
  readonly result: PipelineResult;
  /** Micro-batches that were done when the second worker was killed. */
  readonly doneBeforeCrash: number;
  /** When it was killed. */
  readonly crashedAtMs: number;
}

/** The slow engine, small batches, few at a time: a kill among them is a kill in the middle of one. */
export const CRASH_INPUT = {
  forest: { engine: 'ml-random-forest', trees: 3 },
  stream: { microBatchRows: 5, inFlight: 2 },
} as const;

/** A run whose worker is SIGKILLed during training, and its successor during the micro-batches; a third finishes. */
export async function runThroughCrashes(
  client: Client,
  env: Readonly<Record<string, string>>,
  run: { readonly workflowId: string; readonly taskQueue: string; readonly input: PipelineInputJson },
): Promise<CrashedRun> {
  const { workflowId, taskQueue, input } = run;
  const first = await startWorkerProcess(env);
  const workers = [first];
  try {
    const handle = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId,
      taskQueue,
      args: [input],
    });
    await pollUntil('training to begin', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(
        ({ activityType, lastStartedTime }) => activityType?.name === 'trainForest' && lastStartedTime,
      );
    });
    await first.kill();

    const second = await startWorkerProcess(env);
    workers.push(second);
    const stream = client.workflow.getHandle(streamWorkflowId(workflowId));
    const { done } = await pollUntil('three micro-batches to be done', async () => {
      const progress = await stream.query<StreamProgress>(PROGRESS_QUERY).catch(() => undefined);
      return progress && progress.done >= 3 && progress;
    });
    const crashedAtMs = Date.now();
    await second.kill();

    workers.push(await startWorkerProcess(env));
    return { result: (await handle.result()) as PipelineResult, doneBeforeCrash: done, crashedAtMs };
  } finally {
    await Promise.all(workers.map(({ kill }) => kill()));
  }
}
