import type { Client } from '@temporalio/client';
import { microBatchWorkflowId, workflowType } from '../../domain/names.ts';
import type { PipelineProgress, StreamProgress } from '../../domain/run/progress.ts';
import { counted } from '../../domain/text.ts';
import { findWorkflow, type FoundWorkflow, queryProgress, statusOf } from '../shared/client.ts';
import { approvalCommands, asksForApproval, repairCommands, resumeCommand } from '../shared/failures.ts';
import { readEvents } from '../shared/history.ts';
import { lastEventAt, openChildren, readPending } from '../shared/pending.ts';
import type { Finding } from './diagnosis.ts';
import { findEnding } from './ending.ts';

/** What a workflow in progress, or one of its children, waits for. */
export async function findBlockers(client: Client, found: FoundWorkflow, now: string): Promise<Finding[]> {
  const events = await readEvents(found.handle);
  const [pending, children] = await Promise.all([
    readPending(client, found, events, now),
    openChildren(client, found),
  ]);
  const below = (await Promise.all(children.map((child) => findBlockers(client, child, now)))).flat();
  const missing = pending.missingWorkers.map((worker): Finding => ({ kind: 'no worker', ...worker }));
  const activities = pending.activities.map((activity): Finding => ({ kind: 'activity', ...activity }));
  if ([...missing, ...below].some(({ kind }) => kind === 'no worker')) {
    return [...missing, ...activities, ...below];
  }
  const own: Finding[] = pending.failingCode
    ? [{ kind: 'stuck', ...pending.failingCode }]
    : await askProgress(client, found, lastEventAt(events, now));
  return [...own, ...activities, ...below];
}

/** Asks the workflow for what its history does not show: failed micro-batches, approval, pause. */
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
    const role = 'workflows';
    return [{ kind: 'no worker', workflowId, taskQueue, role, since: quietSince, lastPollAt: null }];
  }
  return 'steps' in progress
    ? blockersOfRun(workflowId, progress)
    : blockersOfStream(client, workflowId, progress);
}

function blockersOfRun(workflowId: string, progress: PipelineProgress): Finding[] {
  const { attention, isRetried, isPaused, waiting: reason } = progress;
  return [
    // Failed micro-batches are reported by the stream itself, with more facts.
    ...(attention !== undefined && !isRetried && asksForApproval(progress)
      ? [needsAttention(workflowId, attention, [], approvalCommands(workflowId))]
      : []),
    ...(isPaused ? [paused(workflowId)] : []),
    ...(reason === undefined ? [] : [{ kind: 'waiting', workflowId, reason } as const]),
  ];
}

async function blockersOfStream(
  client: Client,
  workflowId: string,
  { state, failed, failures, trouble }: StreamProgress,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const [first] = failures;
  if (first) {
    const rest =
      state === 'needs attention' && trouble === undefined
        ? 'everything else is done'
        : 'the stream continues meanwhile';
    const question = `${counted(failed, 'failed micro-batch')}; ${rest}`;
    findings.push(needsAttention(workflowId, question, failures, repairCommands(workflowId)));
    const batch = await findWorkflow(client, microBatchWorkflowId(workflowId, first.batch));
    const ending = batch && statusOf(batch) !== 'running' ? await findEnding(client, batch) : undefined;
    if (ending) findings.push(ending);
  }
  if (state === 'paused') findings.push(paused(workflowId));
  return findings;
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
