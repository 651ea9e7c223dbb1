import { streamSignal, workflowType } from '../../domain/names.ts';
import { UsageError } from '../shared/output.ts';
import { findRunOrStream, statusOf, withClient } from '../shared/client.ts';

export async function pause(workflowId: string): Promise<void> {
  await signal(
    workflowId,
    streamSignal.pause,
    (what) =>
      `is told to pause: it begins no further ${what}; what is in progress is finished. Go on with "imdb resume ${workflowId}"`,
  );
}

export async function resume(workflowId: string): Promise<void> {
  await signal(workflowId, streamSignal.resume, () => 'is told to go on');
}

async function signal(workflowId: string, name: string, describe: (what: string) => string): Promise<void> {
  await withClient(async (client) => {
    const found = await findRunOrStream(client, workflowId);
    if (statusOf(found) !== 'running') {
      throw new UsageError(
        `cannot ${name} "${workflowId}": expected a run or stream in progress, got one that is ${statusOf(found)}`,
      );
    }
    await found.handle.signal(name);
    const isRun = found.description.type === workflowType.ratingPipeline;
    process.stdout.write(`"${workflowId}" ${describe(isRun ? 'step or micro-batch' : 'micro-batch')}\n`);
  });
}
