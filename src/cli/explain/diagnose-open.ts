import type { Client } from '@temporalio/client';
import { microBatchWorkflowId, workflowType } from '../../domain/names.ts';
import type { PipelineProgress, StreamProgress } from '../../domain/run/progress.ts';
import {
  approvalCommands,
  asksForApproval,
  describeFailure,
  repairCommands,
  resumeCommand,
  toError,
} from '../shared/failures.ts';
import { findWorkflow, type FoundWorkflow, queryProgress, statusOf } from '../shared/client.ts';
import { startedWork, readEvents } from '../shared/history-steps.ts';
import {
  MAX_ASKED_CHILDREN,
  type PendingFinding,
  pendingFindings,
  withoutStep,
} from '../shared/pending-work.ts';
import { timeOf } from '../shared/time-text.ts';
import { diagnoseClosed } from './diagnose-closed.ts';
import type { Finding, NoWorkerFinding, StuckFinding } from './diagnosis.ts';

type QueueKind = 'workflow' | 'activity';
type Question = Parameters<Client['workflowService']['describeTaskQueue']>[0];

/** `temporal.api.enums.v1.TaskQueueType`, which the client exports as a type alone. */
const TASK_QUEUE_TYPE = { workflow: 1, activity: 2 } as unknown as Readonly<
  Record<QueueKind, NonNullable<Question['taskQueueType']>>
>;

/** A poll lasts a minute; the server lists pollers for five, dead ones too. */
const STILL_POLLING_MS = 75_000;

/** When a worker last asked for tasks of this queue; null when none has in the last minutes. */
async function lastPoll(client: Client, taskQueue: string, kind: QueueKind): Promise<string | null> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE[kind],
  });
  const times = pollers.flatMap(({ lastAccessTime }) => timeOf(lastAccessTime) ?? []);
  return times.sort().at(-1) ?? null;
}

function isStillPolling(lastPollAt: string | null, now: string): boolean {
  return lastPollAt !== null && Date.parse(now) - Date.parse(lastPollAt) < STILL_POLLING_MS;
}

type Events = Awaited<ReturnType<typeof readEvents>>;

/** What a workflow in progress, or one of its children, waits for. */
export async function diagnoseOpen(client: Client, found: FoundWorkflow, now: string): Promise<Finding[]> {
  const events = await readEvents(found.handle);
  const activities = pendingFindings(client, found, startedWork(events), now);
  const quietSince = timeOf(events.at(-1)?.eventTime) ?? now;
  const [missing, children] = await Promise.all([
    findMissingWorkers(client, found, activities, quietSince, now),
    diagnoseChildren(client, found, now),
  ]);
  const hasWorker = ![...missing, ...children].some(({ kind }) => kind === 'no worker');
  const stuck = hasWorker ? stuckIn(client, found, events) : [];
  const asked = hasWorker && stuck.length === 0 ? await askProgress(client, found, quietSince) : [];
  const pending = activities.map(({ taskQueue: _taskQueue, ...activity }) => activity);
  return [...missing, ...stuck, ...asked, ...pending, ...children];
}

async function diagnoseChildren(client: Client, { description }: FoundWorkflow, now: string) {
  const children = (description.raw.pendingChildren ?? []).slice(0, MAX_ASKED_CHILDREN);
  const findings = await Promise.all(
    children.map(async ({ workflowId, runId }) => {
      const child = workflowId ? await findWorkflow(client, workflowId, runId ?? undefined) : undefined;
      return child && statusOf(child) === 'running' ? diagnoseOpen(client, child, now) : [];
    }),
  );
  return findings.flat();
}

/** The workflow's code throws, again and again: each attempt is a workflow task that failed. */
function stuckIn(client: Client, { handle, description }: FoundWorkflow, events: Events): StuckFinding[] {
  const ended = events.filter(
    (event) =>
      event.workflowTaskCompletedEventAttributes ??
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes,
  );
  const last = ended.at(-1);
  const failure = last?.workflowTaskFailedEventAttributes?.failure;
  if (!failure || (description.raw.pendingWorkflowTask?.attempt ?? 1) < 2) return [];
  return [
    {
      kind: 'stuck',
      workflowId: handle.workflowId,
      since: timeOf(last.eventTime) ?? '',
      failure: withoutStep(describeFailure(toError(client, failure))),
    },
  ];
}

/** What only the workflow itself knows. */
async function askProgress(
  client: Client,
  { handle, description }: FoundWorkflow,
  quietSince: string,
): Promise<Finding[]> {
  const { workflowId } = handle;
  const { type, taskQueue } = description;
  if (type === workflowType.scoreMicroBatch) return [];
  const progress = await queryProgress<PipelineProgress | StreamProgress>(client, handle);
  if (progress === 'opening') return [];
  if (progress === 'no worker') {
    return [{ kind: 'no worker', workflowId, taskQueue, since: quietSince, lastPollAt: null }];
  }
  return 'steps' in progress ? ofRun(workflowId, progress) : ofStream(client, workflowId, progress);
}

function ofRun(workflowId: string, progress: PipelineProgress): Finding[] {
  const { attention, isPaused } = progress;
  return [
    // The stream itself tells more of its failed micro-batches.
    ...(attention !== undefined && asksForApproval(progress)
      ? [needsAttention(workflowId, attention, [], approvalCommands(workflowId))]
      : []),
    ...(isPaused ? [paused(workflowId)] : []),
  ];
}

async function ofStream(client: Client, workflowId: string, progress: StreamProgress): Promise<Finding[]> {
  const { state, failed, failures } = progress;
  const [first] = failures;
  const batch = first && (await findWorkflow(client, microBatchWorkflowId(workflowId, first.batch)));
  const rest = state === 'needs attention' ? 'everything else is done' : 'the stream goes on meanwhile';
  return [
    ...(first
      ? [
          needsAttention(
            workflowId,
            `${failed} failed micro-batch${failed === 1 ? '' : 'es'}; ${rest}`,
            failures,
            repairCommands(workflowId),
          ),
        ]
      : []),
    ...(batch && statusOf(batch) !== 'running' ? await diagnoseClosed(client, batch) : []),
    ...(state === 'paused' ? [paused(workflowId)] : []),
  ];
}

function needsAttention(
  workflowId: string,
  question: string,
  failedBatches: StreamProgress['failures'],
  commands: readonly string[],
): Finding {
  return { kind: 'needs attention', workflowId, question, failedBatches, commands };
}

function paused(workflowId: string): Finding {
  return { kind: 'paused', workflowId, commands: [resumeCommand(workflowId)] };
}

interface WaitingQueue {
  readonly taskQueue: string;
  readonly kind: QueueKind;
  readonly since: string;
}

/**
 * The task queues on which this workflow waits in vain.
 *
 * @param quietSince when something last happened in it
 */
async function findMissingWorkers(
  client: Client,
  { handle, description }: FoundWorkflow,
  activities: readonly PendingFinding[],
  quietSince: string,
  now: string,
): Promise<NoWorkerFinding[]> {
  const { taskQueue, raw } = description;
  const task = raw.pendingWorkflowTask;
  const since = timeOf(task?.originalScheduledTime ?? task?.scheduledTime) ?? quietSince;
  const own: WaitingQueue = { taskQueue, kind: 'workflow', since };
  const ofActivities = activities.flatMap((activity): WaitingQueue[] =>
    activity.state === 'running' || activity.taskQueue === undefined
      ? []
      : [{ taskQueue: activity.taskQueue, kind: 'activity', since: activity.since }],
  );
  // While an activity runs, somebody is there; a workflow waits for its own queue at the latest when that ends.
  const isBusy = activities.some(({ state }) => state === 'running');
  const waiting = [...(isBusy && !task ? [] : [own]), ...ofActivities];
  const found = await Promise.all(
    distinct(waiting).map(async ({ kind, ...queue }): Promise<NoWorkerFinding[]> => {
      const lastPollAt = await lastPoll(client, queue.taskQueue, kind);
      if (isStillPolling(lastPollAt, now)) return [];
      return [{ kind: 'no worker', workflowId: handle.workflowId, ...queue, lastPollAt }];
    }),
  );
  return found.flat();
}

function distinct(queues: readonly WaitingQueue[]): WaitingQueue[] {
  return [...new Map(queues.map((queue) => [`${queue.kind} ${queue.taskQueue}`, queue])).values()];
}
