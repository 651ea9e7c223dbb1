import { approvalUpdate, streamSignal, workflowType } from '../../domain/names.ts';
import { parseApprovalInput } from '../../domain/registry/approval-input.ts';
import {
  ANSWER_WITHIN_MS,
  findRunOrStream,
  type FoundWorkflow,
  sendUpdate,
  statusOf,
  withClient,
} from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { print } from '../shared/output.ts';

/** @param workflowId of a run or a stream */
export async function pause(workflowId: string): Promise<void> {
  await signal(
    workflowId,
    streamSignal.pause,
    (what) =>
      `pauses: it finishes what is in progress and starts no further ${what}. Continue with "imdb resume ${workflowId}"`,
  );
}

/** @param workflowId of a run or a stream */
export async function resume(workflowId: string): Promise<void> {
  await signal(workflowId, streamSignal.resume, () => 'continues');
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
    print(`"${workflowId}" ${describe(isRun(found) ? 'step or micro-batch' : 'micro-batch')}`);
  });
}

/** Answers a run that asks whether its model may become the champion. */
export async function answerRun(
  workflowId: string,
  answer: keyof typeof approvalUpdate,
  { note }: { readonly note?: string },
): Promise<void> {
  const input = parseApprovalInput({ ...(note !== undefined && { note }) });
  await withClient(async (client) => {
    const found = await findRunOrStream(client, workflowId);
    if (!isRun(found)) throw new UsageError(`cannot ${answer} "${workflowId}": expected a run, got a stream`);
    if (statusOf(found) !== 'running') {
      throw new UsageError(
        `cannot ${answer} "${workflowId}": expected a run that waits for approval, got one that is ${statusOf(found)}`,
      );
    }
    const outcome = await sendUpdate<string>(
      client,
      found.handle,
      approvalUpdate[answer],
      [input],
      (cause) => {
        const within = `within ${ANSWER_WITHIN_MS / 1_000} s`;
        return new UsageError(
          `no worker answered for "${workflowId}" ${within}. Start one with "imdb worker", then check "imdb status ${workflowId}"`,
          { cause },
        );
      },
    );
    print(`${workflowId}: ${outcome}`);
  });
}

function isRun({ description }: FoundWorkflow): boolean {
  return description.type === workflowType.ratingPipeline;
}
