import type { Client } from '@temporalio/client';
import { roleOfQueue, workerTaskQueue } from '../../domain/roles.ts';
import { lastErrorText, nameOfWork, noWorkerText, retryText } from '../../domain/run/trouble.ts';
import type { FoundWorkflow } from './client.ts';
import { readEvents } from './history.ts';
import {
  type FailingCode,
  type MissingWorker,
  openChildren,
  type Pending,
  type PendingActivity,
  readPending,
} from './pending.ts';
import { printableText, spanText } from './text.ts';

/** After this time without progress, a command shows what the workflow waits for. */
export const QUIET_MS = 5_000;
/** A stream has many micro-batches with the same problem. */
const MAX_SHOWN_ACTIVITIES = 3;
const MAX_ERROR_CHARS = 400;

/**
 * What a workflow in progress waits for, its children included: a line each, the worst first.
 *
 * @param isAnswered false when the last query of the workflow found no worker
 */
export async function describeWaiting(
  client: Client,
  found: FoundWorkflow,
  isAnswered: boolean,
): Promise<string[]> {
  const now = new Date().toISOString();
  const pending = await readAll(client, found, now);
  const { workflowId } = found.handle;
  const unanswered = isAnswered ? undefined : found.description.taskQueue;
  return waitingLines(pending, { workflowId, unanswered, now });
}

async function readAll(client: Client, found: FoundWorkflow, now: string): Promise<Pending[]> {
  const [own, children] = await Promise.all([
    readEvents(found.handle).then((events) => readPending(client, found, events, now)),
    openChildren(client, found),
  ]);
  const below = await Promise.all(children.map((child) => readAll(client, child, now)));
  return [own, ...below.flat()];
}

/** @param unanswered the task queue of a workflow that did not answer a query */
export function waitingLines(
  pending: readonly Pending[],
  { workflowId, unanswered, now }: { workflowId: string; unanswered: string | undefined; now: string },
): string[] {
  const missing = pending.flatMap(({ missingWorkers }) => missingWorkers);
  const failing = pending.flatMap(({ failingCode }) => failingCode ?? []);
  const activities = pending
    .flatMap((of) => of.activities)
    .filter((activity) => !isFresh(activity, now))
    .sort((a, b) => severity(b) - severity(a));
  const queues = new Map<string, MissingQueue>(missing.map((queue) => [queueText(queue), queue]));
  if (unanswered !== undefined && failing.length === 0) {
    const role = roleOfQueue(unanswered, 'workflow');
    const queue = { taskQueue: unanswered, role, lastPollAt: null };
    if (!queues.has(queueText(queue))) queues.set(queueText(queue), queue);
  }
  const hidden = activities.length - MAX_SHOWN_ACTIVITIES;
  return [
    ...[...queues.values()].map((queue) => noWorkerLine(queue, now)),
    ...failing.map(failingLine),
    ...activities.slice(0, MAX_SHOWN_ACTIVITIES).map((activity) => activityLine(activity, workflowId)),
    ...(hidden > 0 ? [`waits for ${hidden} more activities`] : []),
  ];
}

type MissingQueue = Pick<MissingWorker, 'taskQueue' | 'role' | 'lastPollAt'>;

function queueText({ taskQueue, role }: MissingQueue): string {
  return `${role} ${taskQueue}`;
}

function noWorkerLine({ lastPollAt, ...queue }: MissingQueue, now: string): string {
  const seen = lastPollAt === null ? '' : ` (last poll ${spanText(lastPollAt, now)} ago)`;
  const own = workerTaskQueue(queue.taskQueue);
  return `${noWorkerText(queue, seen)}: start one with "imdb worker" and TASK_QUEUE=${own}`;
}

function failingLine({ workflowId, failure }: FailingCode): string {
  return `the workflow code of ${workflowId} fails: ${errorText(failure)}. Correct it, then restart the worker`;
}

/** Times are absolute, so that the line changes only when the activity does. */
function activityLine(activity: PendingActivity, asked: string): string {
  const { workflowId, step, attempt, state, nextAttemptAt, failure } = activity;
  const place = workflowId === asked ? '' : `${workflowId} `;
  const name = nameOfWork(activity.activity, step);
  const next = nextAttemptAt === null ? state : retryText(nextAttemptAt);
  const error = failure ? `, ${lastErrorText(errorText(failure))}` : '';
  return `${place}waits for ${name}: attempt ${attempt}, ${next}${error}`;
}

function errorText({ type, message }: { readonly type: string; readonly message: string }): string {
  return printableText(`${type}: ${message}`, MAX_ERROR_CHARS);
}

/** It began a moment ago and has not failed. */
function isFresh({ attempt, since, state }: PendingActivity, now: string): boolean {
  return attempt === 1 && state !== 'paused' && Date.parse(now) - Date.parse(since) < QUIET_MS;
}

/** What has failed before comes first, what just runs last. */
export function severity({ failure, state }: PendingActivity): number {
  return (failure ? 2 : 0) + (state === 'running' ? 0 : 1);
}
