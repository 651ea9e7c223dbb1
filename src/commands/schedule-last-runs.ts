import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { toZonedText } from '../adapters/time-zones.ts';
import type { TemporalSettings } from '../config.ts';
import { scheduledRun } from '../domain/names.ts';
import { describeFailure } from './describe-failure.ts';
import { runUrl } from './links.ts';

const SHOWN_RUNS = 5;
const SCHEDULED_START = defineSearchAttributeKey(scheduledRun.startTime, SearchAttributeType.DATETIME);

export interface LastRun {
  readonly workflowId: string;
  readonly status: string;
  readonly asOf: string;
  /** Which step failed, and why: Temporal's own note says of that only "Activity task failed". */
  readonly failure?: ReturnType<typeof describeFailure>;
  readonly uiUrl: string;
}

/** Newest first; among them each run of a night that ran twice, as after a reset. */
export async function lastRuns(
  client: Client,
  temporal: TemporalSettings,
  scheduleId: string,
  timezone: string,
): Promise<LastRun[]> {
  const runs: LastRun[] = [];
  const query = `${scheduledRun.by} = ${JSON.stringify(scheduleId)}`;
  for await (const run of client.workflow.list({ query, pageSize: SHOWN_RUNS })) {
    const { workflowId, runId, status, startTime, typedSearchAttributes } = run;
    runs.push({
      workflowId,
      status: status.name.toLowerCase().replaceAll('_', ' '),
      asOf: toZonedText(typedSearchAttributes.get(SCHEDULED_START) ?? startTime, timezone),
      ...(status.name === 'FAILED' && { failure: await failureOf(client, workflowId, runId) }),
      uiUrl: runUrl(temporal, workflowId, runId),
    });
    if (runs.length === SHOWN_RUNS) break;
  }
  return runs;
}

async function failureOf(client: Client, workflowId: string, runId: string) {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  return describeFailure(await handle.result().catch((error: unknown) => error));
}
