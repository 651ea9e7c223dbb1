import type { Client } from '@temporalio/client';
import { microBatchWorkflowId, workflowType } from '../domain/names.ts';
import type { PipelineProgress, StreamProgress } from '../domain/progress.ts';
import { describeFailure, toError } from './describe-failure.ts';
import { diagnoseClosed } from './diagnose-closed.ts';
import type { Finding, StuckFinding } from './diagnosis.ts';
import { findWorkflow, statusOf, type FoundWorkflow } from './find-workflow.ts';
import { begunWork, readEvents } from './history-steps.ts';
import { findMissingWorkers } from './missing-workers.ts';
import { approvalCommands, asksForApproval, repairCommands, resumeCommand } from './operator-notes.ts';
import { pendingFindings, withoutStep } from './pending-activities.ts';
import { MAX_ASKED_CHILDREN } from './pending-work.ts';
import { queryProgress } from './query-progress.ts';
import { timeOf } from './time-text.ts';

type Events = Awaited<ReturnType<typeof readEvents>>;

/** What a workflow in progress, or one of its children, waits for. */
export async function diagnoseOpen(client: Client, found: FoundWorkflow, now: string): Promise<Finding[]> {
  const events = await readEvents(found.handle);
  const activities = pendingFindings(client, found, begunWork(events), now);
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
