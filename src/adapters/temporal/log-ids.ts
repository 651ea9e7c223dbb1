import type { ActivityInterceptorsFactory, LogEntry } from '@temporalio/worker';
import { logWith } from '../logger.ts';

/** Lines of an activity name the attempt, also those that are written by a library below it. */
export const logWithIds: ActivityInterceptorsFactory = ({ info }) => {
  const { workflowExecution: { workflowId, runId } = {}, activityId, activityType, attempt } = info;
  const ids = { workflowId, runId, activityId, activityType, attempt };
  return { inbound: { execute: (input, next) => logWith(ids, () => next(input)) } };
};

/** The SDK's own lines, with the names of ids that all lines have. A task token means nothing to a reader. */
export function toFields({ meta = {} }: LogEntry): object {
  const { workflowRunId, taskToken: _taskToken, ...fields } = meta;
  return { ...fields, ...(workflowRunId !== undefined && { runId: workflowRunId as string }) };
}
