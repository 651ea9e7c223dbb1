import {
  type Client,
  decodePendingActivityState,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import type { ActivityFinding } from '../explain/diagnosis.ts';
import { describeFailure, toError } from './failures.ts';
import type { FoundWorkflow } from './client.ts';
import type { StartedWork } from './history-steps.ts';
import { timeOf } from './time-text.ts';

type Raw = WorkflowExecutionDescription['raw'];

/** A stream has up to a hundred children in flight; the first show the pattern. */
export const MAX_ASKED_CHILDREN = 10;

/** What a workflow waits for: its children, then its activities with their last error. */
export function pendingWork(client: Client, raw: Raw): string[] {
  return [
    ...(raw.pendingChildren ?? []).map(({ workflowId }) => `waits for its child ${workflowId}`),
    ...pendingActivities(client, raw, 1),
  ];
}

/** What a stream waits for: its own activities, and those of its micro-batches that have failed before. */
export async function pendingInStream(client: Client, raw: Raw): Promise<string[]> {
  const children = (raw.pendingChildren ?? []).slice(0, MAX_ASKED_CHILDREN);
  const inChildren = await Promise.all(
    children.map(async ({ workflowId, runId }) => {
      if (!workflowId) return [];
      const child = await client.workflow.getHandle(workflowId, runId ?? undefined).describe();
      return pendingActivities(client, child.raw, 2).map((line) => `${workflowId} ${line}`);
    }),
  );
  return [...pendingActivities(client, raw, 1), ...inChildren.flat()];
}

function pendingActivities(
  client: Client,
  { pendingActivities: pending }: Raw,
  fromAttempt: number,
): string[] {
  return (pending ?? [])
    .filter(({ attempt }) => (attempt ?? 1) >= fromAttempt)
    .map(({ activityType, attempt, lastFailure }) => {
      const failure = lastFailure && describeFailure(toError(client, lastFailure));
      const error = failure ? `, last error: ${failure.type}: ${failure.message}` : '';
      return `waits for ${activityType?.name ?? 'an activity'}, attempt ${attempt ?? 1}${error}`;
    });
}

type PendingActivity = NonNullable<FoundWorkflow['description']['raw']['pendingActivities']>[number];

/** An activity that a workflow waits for, and where its tasks go. */
export interface PendingFinding extends ActivityFinding {
  readonly taskQueue: string | undefined;
}

export function pendingFindings(
  client: Client,
  { handle, description }: FoundWorkflow,
  begun: readonly StartedWork[],
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
