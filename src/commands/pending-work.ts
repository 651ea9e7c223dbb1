import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { describeFailure, toError } from './describe-failure.ts';

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
