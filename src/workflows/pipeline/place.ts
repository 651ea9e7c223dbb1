import { proxyLocalActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { describeWait, nextLookMs, runsToWaitFor } from '../../domain/run/worker-facts.ts';
import type { Run } from './context.ts';

const { findPlace } = proxyLocalActivities<Pick<Activities, 'findPlace'>>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
  // A server that refuses the question refuses it again.
  retry: { maximumAttempts: 2 },
});

/**
 * Runs begin in the order of their age, as many at once as the workers have places for: a run that has begun ends
 * sooner, and memory stays bounded. Only the server's list of runs is asked, so a run that dies leaves nothing behind.
 */
export async function waitForPlace({ facts: { hasSearchAttributes }, setWaiting }: Run): Promise<void> {
  const startedAt = workflowInfo().startTime.toISOString();
  for (;;) {
    // Without an answer the run begins: their order is not worth a failure.
    const found = await findPlace({ startedAt, hasStates: hasSearchAttributes }).catch(() => undefined);
    if (!found || runsToWaitFor(found) === 0) break;
    const reason = describeWait(found);
    setWaiting(reason);
    await sleep(nextLookMs(runsToWaitFor(found)), { summary: reason });
  }
  setWaiting(null);
}
