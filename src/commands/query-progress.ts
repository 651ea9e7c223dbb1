import { QueryNotRegisteredError, type Client, type WorkflowHandle } from '@temporalio/client';
import { PROGRESS_QUERY } from '../domain/names.ts';

/** A worker that is there answers in milliseconds; one that has to replay a long history, in seconds. */
const ANSWER_WITHIN_MS = 10_000;

/** `opening`: a stream answers only when its first activity, `openStream`, is done. */
export type NoAnswer = 'no worker' | 'opening';

/** Queries leave no trace in the history. */
export async function queryProgress<T extends object>(
  client: Client,
  handle: WorkflowHandle,
): Promise<T | NoAnswer> {
  try {
    return await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => handle.query<T>(PROGRESS_QUERY));
  } catch (error) {
    return error instanceof QueryNotRegisteredError ? 'opening' : 'no worker';
  }
}

export const NO_WORKER = 'No worker answers; the work goes on when one polls its task queue ("imdb worker").';
