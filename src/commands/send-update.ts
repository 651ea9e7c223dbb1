import {
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { UsageError } from './exit.ts';

export const ANSWER_WITHIN_MS = 10_000;

/**
 * Sends an update and waits for what the workflow made of it.
 *
 * @param noWorker what to say when nobody answers
 * @throws UsageError with the workflow's own words when it refuses
 */
export async function sendUpdate<T>(
  client: Client,
  handle: WorkflowHandle,
  update: string,
  args: [unknown],
  noWorker: (cause: unknown) => UsageError,
): Promise<T> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () =>
      handle.executeUpdate<T, [unknown]>(update, { args }),
    );
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) {
      throw new UsageError(error.cause?.message ?? error.message, { cause: error });
    }
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) throw noWorker(error);
    throw error;
  }
}
