import { decodePendingActivityState, type Client } from '@temporalio/client';
import { describeFailure, toError } from './describe-failure.ts';
import type { ActivityFinding } from './diagnosis.ts';
import type { FoundWorkflow } from './find-workflow.ts';
import type { BegunWork } from './history-steps.ts';
import { timeOf } from './time-text.ts';

type PendingActivity = NonNullable<FoundWorkflow['description']['raw']['pendingActivities']>[number];

/** An activity that a workflow waits for, and where its tasks go. */
export interface PendingFinding extends ActivityFinding {
  readonly taskQueue: string | undefined;
}

export function pendingFindings(
  client: Client,
  { handle, description }: FoundWorkflow,
  begun: readonly BegunWork[],
  now: string,
): PendingFinding[] {
  return (description.raw.pendingActivities ?? []).map((pending) => {
    const { activityId, activityType, attempt, lastFailure } = pending;
    const work = begun.find((candidate) => candidate.activityId === activityId);
    const scheduledAt = timeOf(pending.scheduledTime) ?? now;
    const state = stateOf(pending, scheduledAt > now);
    return {
      kind: 'activity',
      workflowId: handle.workflowId,
      step: work?.step ?? null,
      activity: activityType?.name ?? 'an activity',
      state,
      attempt: attempt ?? 1,
      since: work?.at ?? scheduledAt,
      nextAttemptAt: state === 'waits for its next attempt' ? scheduledAt : null,
      givenUpAt: timeOf(pending.expirationTime) ?? null,
      failure: lastFailure ? withoutStep(describeFailure(toError(client, lastFailure))) : null,
      taskQueue: work?.taskQueue,
    };
  });
}

export function withoutStep({ step: _step, ...failure }: ReturnType<typeof describeFailure>) {
  return failure;
}

function stateOf({ state, paused }: PendingActivity, isAhead: boolean): ActivityFinding['state'] {
  if (paused) return 'paused';
  if (decodePendingActivityState(state) !== 'SCHEDULED') return 'running';
  return isAhead ? 'waits for its next attempt' : 'waits for a worker';
}
