import {
  type Client,
  decodePendingActivityState,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { isStillPolling, lastPoll } from '../../adapters/temporal/pollers.ts';
import { type Role, roleOfQueue, type TaskKind } from '../../domain/roles.ts';
import type { PipelineStep } from '../../domain/run/steps.ts';
import { findWorkflow, type FoundWorkflow, statusOf } from './client.ts';
import { describeFailure, type Failure, toError, withoutStep } from './failures.ts';
import { type HistoryEvent, startedWork } from './history.ts';
import { timeOf } from './text.ts';

/** An activity that a workflow waits for. */
export interface PendingActivity {
  readonly workflowId: string;
  readonly step: PipelineStep | null;
  readonly activity: string;
  readonly state: 'running' | 'waits for its next attempt' | 'waits for a worker' | 'paused';
  readonly attempt: number;
  readonly since: string;
  readonly nextAttemptAt: string | null;
  /** When the retries end. */
  readonly givenUpAt: string | null;
  readonly failure: Failure | null;
}

/** No worker takes the tasks of a queue. */
export interface MissingWorker {
  readonly workflowId: string;
  readonly taskQueue: string;
  /** What such a worker takes. */
  readonly role: Role;
  /** Since when a task waits there. */
  readonly since: string;
  /** When a worker was last seen; null when none was in the last minutes. */
  readonly lastPollAt: string | null;
}

/** The workflow code throws at every attempt of its workflow task. */
export interface FailingCode {
  readonly workflowId: string;
  readonly since: string;
  readonly failure: Failure;
}

/** What one workflow waits for, without its children. */
export interface Pending {
  readonly missingWorkers: readonly MissingWorker[];
  readonly failingCode: FailingCode | undefined;
  readonly activities: readonly PendingActivity[];
}

/** @param now ISO 8601 */
export async function readPending(
  client: Client,
  found: FoundWorkflow,
  events: readonly HistoryEvent[],
  now: string,
): Promise<Pending> {
  const waiting = readActivities(client, found, events, now);
  return {
    missingWorkers: await findMissingWorkers(client, found, waiting, lastEventAt(events, now), now),
    failingCode: findFailingCode(client, found, events),
    activities: waiting.map(({ activity }) => activity),
  };
}

export function lastEventAt(events: readonly HistoryEvent[], now: string): string {
  return timeOf(events.at(-1)?.eventTime) ?? now;
}

/** A stream has up to a hundred children in flight; the first show the pattern. */
const MAX_ASKED_CHILDREN = 10;

export async function openChildren(client: Client, { description }: FoundWorkflow): Promise<FoundWorkflow[]> {
  const pending = (description.raw.pendingChildren ?? []).slice(0, MAX_ASKED_CHILDREN);
  const children = await Promise.all(
    pending.map(async ({ workflowId, runId }) =>
      workflowId ? findWorkflow(client, workflowId, runId ?? undefined) : undefined,
    ),
  );
  return children.flatMap((child) => (child && statusOf(child) === 'running' ? [child] : []));
}

type RawActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

interface WaitingActivity {
  readonly activity: PendingActivity;
  readonly taskQueue: string | undefined;
}

function readActivities(
  client: Client,
  { handle, description }: FoundWorkflow,
  events: readonly HistoryEvent[],
  now: string,
): WaitingActivity[] {
  const started = startedWork(events);
  return (description.raw.pendingActivities ?? []).map((raw) => {
    const work = started.find(({ activityId }) => activityId === raw.activityId);
    const scheduledAt = timeOf(raw.scheduledTime) ?? now;
    const state = stateOf(raw, scheduledAt > now);
    const activity: PendingActivity = {
      workflowId: handle.workflowId,
      step: work?.step ?? null,
      activity: raw.activityType?.name ?? 'an activity',
      state,
      attempt: raw.attempt ?? 1,
      since: work?.at ?? scheduledAt,
      nextAttemptAt: state === 'waits for its next attempt' ? scheduledAt : null,
      givenUpAt: timeOf(raw.expirationTime) ?? null,
      failure: raw.lastFailure ? withoutStep(describeFailure(toError(client, raw.lastFailure))) : null,
    };
    return { activity, taskQueue: work?.taskQueue };
  });
}

function stateOf({ state, paused }: RawActivity, isAhead: boolean): PendingActivity['state'] {
  if (paused) return 'paused';
  if (decodePendingActivityState(state) !== 'SCHEDULED') return 'running';
  return isAhead ? 'waits for its next attempt' : 'waits for a worker';
}

function findFailingCode(
  client: Client,
  { handle, description }: FoundWorkflow,
  events: readonly HistoryEvent[],
): FailingCode | undefined {
  const last = events.findLast(
    (event) =>
      event.workflowTaskCompletedEventAttributes ??
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes,
  );
  const failure = last?.workflowTaskFailedEventAttributes?.failure;
  if (!failure || (description.raw.pendingWorkflowTask?.attempt ?? 1) < 2) return undefined;
  return {
    workflowId: handle.workflowId,
    since: timeOf(last.eventTime) ?? '',
    failure: withoutStep(describeFailure(toError(client, failure))),
  };
}

interface WaitingQueue {
  readonly taskQueue: string;
  readonly kind: TaskKind;
  readonly since: string;
}

/** @param quietSince the time of the last event */
async function findMissingWorkers(
  client: Client,
  { handle, description }: FoundWorkflow,
  activities: readonly WaitingActivity[],
  quietSince: string,
  now: string,
): Promise<MissingWorker[]> {
  const { taskQueue, raw } = description;
  const task = raw.pendingWorkflowTask;
  const since = timeOf(task?.originalScheduledTime ?? task?.scheduledTime) ?? quietSince;
  const own: WaitingQueue = { taskQueue, kind: 'workflow', since };
  const ofActivities = activities.flatMap(({ activity, taskQueue: queue }): WaitingQueue[] =>
    activity.state === 'running' || queue === undefined
      ? []
      : [{ taskQueue: queue, kind: 'activity', since: activity.since }],
  );
  // While an activity runs, a worker is running; the workflow needs its own queue only when the activity ends.
  const isBusy = activities.some(({ activity }) => activity.state === 'running');
  const waiting = [...(isBusy && !task ? [] : [own]), ...ofActivities];
  const queues = new Map(waiting.map((queue) => [`${queue.kind} ${queue.taskQueue}`, queue]));
  const missing = await Promise.all(
    [...queues.values()].map(async ({ kind, ...queue }): Promise<MissingWorker[]> => {
      const lastPollAt = await lastPoll(client, queue.taskQueue, kind);
      if (isStillPolling(lastPollAt, now)) return [];
      const role = roleOfQueue(queue.taskQueue, kind);
      return [{ workflowId: handle.workflowId, ...queue, role, lastPollAt }];
    }),
  );
  return missing.flat();
}
