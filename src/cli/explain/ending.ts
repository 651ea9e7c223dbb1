import type { Client } from '@temporalio/client';
import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';
import { microBatchWorkflowId } from '../../domain/names.ts';
import { findWorkflow, statusOf, type FoundWorkflow } from '../shared/client.ts';
import { describeFailure, type Failure, toError, withoutStep } from '../shared/failures.ts';
import { type HistoryEvent, readEvents, startedWork, type StartedWork } from '../shared/history.ts';
import { timeOf } from '../shared/text.ts';
import type { EndFinding } from './diagnosis.ts';

/** How a workflow ended; undefined of one that completed. Follows the failure down to the child where it happened. */
export async function findEnding(client: Client, { handle }: FoundWorkflow): Promise<EndFinding | undefined> {
  const { workflowId } = handle;
  const events = await readEvents(handle);
  const started = startedWork(events);
  const last = events.at(-1);
  const at = timeOf(last?.eventTime) ?? '';
  const end = { kind: 'end', workflowId, attempts: 0, at, outer: null } as const;

  const raw = last?.workflowExecutionFailedEventAttributes?.failure;
  if (!raw) {
    const failure = last && endedFromOutside(last);
    // This failure does not say where the workflow was.
    return failure && { ...end, path: pathTo(started.at(-1)), failure };
  }
  const error = toError(client, raw);
  const failure = withoutStep(describeFailure(error));
  if (error instanceof ActivityFailure) {
    const work = started.find(({ activityId }) => activityId === error.activityId);
    return { ...end, path: pathTo(work), attempts: work?.attempts ?? 0, failure };
  }
  const child =
    error instanceof ChildWorkflowFailure
      ? started.find(({ childId }) => childId === error.execution.workflowId)
      : undefined;
  const path = pathTo(child);
  const inner = await findEndingBelow(client, workflowId, error);
  if (!inner) return { ...end, path, failure };
  const outer = failure.type === inner.failure.type ? inner.outer : (inner.outer ?? failure);
  return { ...inner, path: [...new Set([...path, inner.workflowId, ...inner.path])], at, outer };
}

/** Of the child that failed, or of the first micro-batch that did. */
async function findEndingBelow(
  client: Client,
  workflowId: string,
  error: Error,
): Promise<EndFinding | undefined> {
  const child =
    error instanceof ChildWorkflowFailure
      ? await findWorkflow(client, error.execution.workflowId ?? '', error.execution.runId ?? undefined)
      : await findFailedBatch(client, workflowId, error);
  return child && statusOf(child) !== 'running' ? findEnding(client, child) : undefined;
}

/** The details of `MicroBatchesFailed` name them. */
async function findFailedBatch(client: Client, streamId: string, error: Error) {
  const [details] = 'details' in error && Array.isArray(error.details) ? (error.details as unknown[]) : [];
  const { failed } = (details ?? {}) as { failed?: readonly { readonly batch: number }[] };
  const [first] = failed ?? [];
  return first && findWorkflow(client, microBatchWorkflowId(streamId, first.batch));
}

function pathTo(work: StartedWork | undefined): string[] {
  if (!work) return [];
  return [work.step, work.childId ?? work.name].flatMap((part) => part ?? []);
}

/** Cancelled, terminated, or out of time. */
function endedFromOutside(event: HistoryEvent): Failure | undefined {
  const terminated = event.workflowExecutionTerminatedEventAttributes;
  if (terminated) {
    const by = terminated.identity ? ` by ${terminated.identity}` : '';
    return { type: 'Terminated', message: `${terminated.reason ?? ''}${by}`.trim(), causes: [] };
  }
  if (event.workflowExecutionCanceledEventAttributes) {
    return { type: 'Cancelled', message: 'it was cancelled', causes: [] };
  }
  if (event.workflowExecutionTimedOutEventAttributes) {
    return { type: 'Timeout', message: 'the time limit of the workflow is over', causes: [] };
  }
  return undefined;
}
