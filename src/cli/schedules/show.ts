import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { toZonedText } from '../../adapters/time-zones.ts';
import type { TemporalSettings } from '../../config.ts';
import { scheduledRun } from '../../domain/names.ts';
import { statusText } from '../shared/client.ts';
import { describeFailure } from '../shared/failures.ts';
import { runUrl, scheduleUrl } from '../shared/links.ts';
import { type JsonOption, print, printJson } from '../shared/output.ts';
import { printableText } from '../shared/text.ts';
import { type ScheduleOption, withSchedule } from './control.ts';
import { describeTimes, type ScheduleView, viewOfSchedule } from './definition.ts';

const SHOWN_RUNS = 5;
const SCHEDULED_START = defineSearchAttributeKey(scheduledRun.startTime, SearchAttributeType.DATETIME);

interface LastRun {
  readonly workflowId: string;
  readonly status: string;
  readonly asOf: string;
  /** Temporal's own note says only "Activity task failed". */
  readonly failure?: ReturnType<typeof describeFailure>;
  readonly uiUrl: string;
}

/** Newest first. A night that ran twice, for example after a reset, is listed twice. */
async function lastRuns(
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
      status: statusText(status.name),
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

const SHOWN_TIMES = 5;
const MAX_REASON_CHARS = 300;

export type ShowOptions = ScheduleOption & JsonOption;

export async function showSchedule(options: ShowOptions): Promise<void> {
  await withSchedule(options, async (handle, client, { temporal }) => {
    const { scheduleId } = handle;
    // The server notices a failed run when its schedule is read: only the next answer says that it is paused.
    await handle.describe();
    const description = await handle.describe();
    const view = viewOfSchedule(description);
    const { paused, timezone } = view;
    const times = paused ? [] : description.info.nextActionTimes.slice(0, SHOWN_TIMES);
    const shown = {
      scheduleId,
      ...view,
      next: times.map((time) => toZonedText(time, timezone)),
      runs: await lastRuns(client, temporal, scheduleId, timezone),
      uiUrl: scheduleUrl(temporal, scheduleId),
    };
    for (const line of toLines(shown)) print(line, options);
    printJson(shown, options);
  });
}

interface Shown extends ScheduleView {
  readonly scheduleId: string;
  readonly next: readonly string[];
  readonly runs: readonly LastRun[];
  readonly uiUrl: string;
}

function toLines({ scheduleId, next, runs, uiUrl, ...view }: Shown): string[] {
  const { paused, note, jitter, overlap, catchupWindow, pauseOnFailure, input } = view;
  return [
    `schedule "${scheduleId}": ${describeTimes(view)} – ${uiUrl}`,
    `${paused ? 'paused' : 'active'}${note ? `: ${printableText(note, MAX_REASON_CHARS)}` : ''}`,
    `spread over ${jitter}; overlap ${overlap}; missed starts are caught up within ${catchupWindow}; ` +
      (pauseOnFailure ? 'a failed run pauses it' : 'it continues after a failed run'),
    `input: ${JSON.stringify(input ?? {})}`,
    ...next.map((time) => `next: ${time}`),
    ...runs.flatMap(toRunLines),
  ];
}

function toRunLines({ workflowId, status, asOf, failure, uiUrl }: LastRun): string[] {
  const line = `last: ${workflowId} ${status}, as of ${asOf} – ${uiUrl}`;
  if (!failure) return [line];
  const { step, type, message } = failure;
  return [line, `  in ${step}: ${type}: ${printableText(message, MAX_REASON_CHARS)}`];
}
