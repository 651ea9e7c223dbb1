import { Context } from '@temporalio/activity';

/** Far below the heartbeat timeout in `workflows/activities.ts`, so that one lost heartbeat fails nothing. */
export const HEARTBEAT_INTERVAL_MS = 2_000;

/**
 * Runs `work` and sends heartbeats with the newest details that it reported. Cancellation aborts the signal; the
 * activity ends as cancelled once `work` has stopped.
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
    // An aborted library may throw anything; the cancellation is the reason.
    if (context.cancellationSignal.aborted) await context.cancelled;
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** Lets heartbeats and other activities run: a loop that takes more than some 50 ms awaits it from time to time. */
export function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
