/** Loaded by its path: what the cheapest stream of children would cost. */
import { executeChild, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { EmptyActivities } from './empty-activities.ts';

const { empty } = proxyActivities<EmptyActivities>({ startToCloseTimeout: '1 minute' });

export async function emptyChild(): Promise<void> {
  await empty();
  await empty();
  await empty();
}

/** A sliding window of children, as `scoreStream` has it. */
export async function emptyStream(children: number, inFlight: number): Promise<void> {
  const { workflowId } = workflowInfo();
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < children) {
      started += 1;
      await executeChild(emptyChild, { workflowId: `${workflowId}/${started}` });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}
