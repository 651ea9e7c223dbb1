import { Context } from '@temporalio/activity';

/** Well inside the heartbeat timeout of `workflows/activities.ts`, so that one lost beat kills nothing. */
export const HEARTBEAT_INTERVAL_MS = 2_000;

/**
 * Runs `work` while beating, with the newest details that it reported. Cancellation aborts the signal, and ends the
 * activity as cancelled once `work` has stopped.
 */
export async function withHeartbeat<T>(
  work: (signal: AbortSignal, report: (details: unknown) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let details: unknown;
  const timer = setInterval(() => {
    context.heartbeat(details);
  }, HEARTBEAT_INTERVAL_MS);
  try {
    return await work(context.cancellationSignal, (newest) => {
      details = newest;
    });
  } catch (error) {
    // Whatever an aborted library threw, the reason is the cancellation.
    if (context.cancellationSignal.aborted) await context.cancelled;
    throw error;
  } finally {
    clearInterval(timer);
  }
}
