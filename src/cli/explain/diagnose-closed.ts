import type { Client } from '@temporalio/client';
import { ActivityFailure, ChildWorkflowFailure } from '@temporalio/common';
import { microBatchWorkflowId } from '../../domain/names.ts';
import { describeFailure, toError } from '../shared/failures.ts';
import type { EndFinding, Failure } from './diagnosis.ts';
import { findWorkflow, statusOf, type FoundWorkflow } from '../shared/client.ts';
import { startedWork, readEvents, type StartedWork } from '../shared/history-steps.ts';
import { withoutStep } from '../shared/pending-work.ts';
import { timeOf } from '../shared/time-text.ts';

type Event = Awaited<ReturnType<typeof readEvents>>[number];

/** How a workflow ended; nothing of one that completed. Follows the failure down to the child it happened in. */
export async function diagnoseClosed(client: Client, { handle }: FoundWorkflow): Promise<EndFinding[]> {
  const { workflowId } = handle;
  const events = await readEvents(handle);
  const begun = startedWork(events);
  const last = events.at(-1);
  const at = timeOf(last?.eventTime) ?? '';
  const raw = last?.workflowExecutionFailedEventAttributes?.failure;
  if (!raw) {
    const failure = last && endedFromOutside(last);
    // It has no failure that says where it was.
    const way = wayTo(begun.at(-1));
    return failure ? [{ kind: 'end', workflowId, way, attempts: 0, at, failure, outer: null }] : [];
  }
  const error = toError(client, raw);
  const failure = withoutStep(describeFailure(error));
  if (error instanceof ActivityFailure) {
    const work = begun.find(({ activityId }) => activityId === error.activityId);
    const attempts = work?.attempts ?? 0;
    return [{ kind: 'end', workflowId, way: wayTo(work), attempts, at, failure, outer: null }];
  }
  const work =
    error instanceof ChildWorkflowFailure
      ? begun.find(({ childId }) => childId === error.execution.workflowId)
      : undefined;
  const inner = await diagnoseChild(client, workflowId, error);
  const way = wayTo(work);
  if (!inner) return [{ kind: 'end', workflowId, way, attempts: 0, at, failure, outer: null }];
  const outer = failure.type === inner.failure.type ? inner.outer : (inner.outer ?? failure);
  return [{ ...inner, way: [...way, inner.workflowId, ...inner.way].filter(distinct), at, outer }];
}

/** The child in which it happened: the one that failed, or the first of the micro-batches that did. */
async function diagnoseChild(client: Client, workflowId: string, error: Error) {
  const child =
    error instanceof ChildWorkflowFailure
      ? await findWorkflow(client, error.execution.workflowId ?? '', error.execution.runId ?? undefined)
      : await findFailedBatch(client, workflowId, error);
  return child && statusOf(child) !== 'running' ? (await diagnoseClosed(client, child))[0] : undefined;
}

/** The details of `MicroBatchesFailed` name them. */
async function findFailedBatch(client: Client, streamId: string, error: Error) {
  const [details] = 'details' in error && Array.isArray(error.details) ? (error.details as unknown[]) : [];
  const { failed } = (details ?? {}) as { failed?: readonly { readonly batch: number }[] };
  const [first] = failed ?? [];
  return first && findWorkflow(client, microBatchWorkflowId(streamId, first.batch));
}

function wayTo(work: StartedWork | undefined): string[] {
  if (!work) return [];
  return [work.step, work.childId ?? work.name].flatMap((part) => part ?? []);
}

function distinct(part: string, i: number, way: readonly string[]): boolean {
  return way.indexOf(part) === i;
}

/** Cancelled, terminated, or out of time. */
function endedFromOutside(event: Event): Failure | undefined {
  const terminated = event.workflowExecutionTerminatedEventAttributes;
  if (terminated) {
    const by = terminated.identity ? ` by ${terminated.identity}` : '';
    return { type: 'Terminated', message: `${terminated.reason ?? ''}${by}`.trim(), causes: [] };
  }
  if (event.workflowExecutionCanceledEventAttributes) {
    return { type: 'Cancelled', message: 'it was cancelled', causes: [] };
  }
  if (event.workflowExecutionTimedOutEventAttributes) {
    return { type: 'Timeout', message: 'the workflow itself ran out of time', causes: [] };
  }
  return undefined;
}
