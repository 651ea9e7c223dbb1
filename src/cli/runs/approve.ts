import { approvalUpdate, workflowType } from '../../domain/names.ts';
import { parseApprovalInput } from '../../domain/registry/approval-input.ts';
import { UsageError } from '../shared/output.ts';
import { ANSWER_WITHIN_MS, findRunOrStream, sendUpdate, statusOf, withClient } from '../shared/client.ts';

/** Answers a run that asks whether its model may become the champion. */
export async function answerRun(
  workflowId: string,
  answer: keyof typeof approvalUpdate,
  { note }: { readonly note?: string },
): Promise<void> {
  const input = parseApprovalInput({ ...(note !== undefined && { note }) });
  await withClient(async (client) => {
    const found = await findRunOrStream(client, workflowId);
    if (found.description.type !== workflowType.ratingPipeline) {
      throw new UsageError(`cannot ${answer} "${workflowId}": expected a run, got a stream`);
    }
    if (statusOf(found) !== 'running') {
      throw new UsageError(
        `cannot ${answer} "${workflowId}": expected a run that waits, got one that is ${statusOf(found)}`,
      );
    }
    const said = await sendUpdate<string>(client, found.handle, approvalUpdate[answer], [input], (cause) => {
      const within = `within ${ANSWER_WITHIN_MS / 1_000} s`;
      return new UsageError(
        `no worker answered for "${workflowId}" ${within}. Start one with "imdb worker"; then look at "imdb status ${workflowId}"`,
        { cause },
      );
    });
    process.stdout.write(`${workflowId}: ${said}\n`);
  });
}
