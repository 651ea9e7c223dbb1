import type { Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { toZonedText } from '../adapters/time-zones.ts';
import type { TemporalSettings } from '../config.ts';
import { scheduledRun } from '../domain/names.ts';
import { runUrl, scheduleUrl } from './links.ts';
import { print } from './print.ts';
import { withSchedule, type ScheduleOption } from './schedule-handle.ts';
import { describeTimes, viewOfSchedule, type ScheduleView } from './schedule-view.ts';

const SHOWN_TIMES = 5;
const SHOWN_RUNS = 5;
const SCHEDULED_START = defineSearchAttributeKey(scheduledRun.startTime, SearchAttributeType.DATETIME);

export interface ShowOptions extends ScheduleOption {
  readonly json?: true;
}

interface ShownRun {
  readonly workflowId: string;
  readonly status: string;
  readonly asOf: string;
  readonly uiUrl: string;
}

export async function showSchedule({ json, ...option }: ShowOptions): Promise<void> {
  await withSchedule(option, async (handle, client, { temporal }) => {
    const { scheduleId } = handle;
    const description = await handle.describe();
    const view = viewOfSchedule(description);
    const shown = {
      scheduleId,
      ...view,
      next: description.state.paused
        ? []
        : description.info.nextActionTimes
            .slice(0, SHOWN_TIMES)
            .map((time) => toZonedText(time, view.timezone)),
      runs: await lastRuns(client, temporal, scheduleId, view.timezone),
      uiUrl: scheduleUrl(temporal, scheduleId),
    };
    if (json) print(JSON.stringify(shown));
    else for (const line of toLines(shown)) print(line);
  });
}

/** Newest first; among them each run of a night that ran twice, as after a reset. */
async function lastRuns(
  client: Client,
  temporal: TemporalSettings,
  scheduleId: string,
  timezone: string,
): Promise<ShownRun[]> {
  const runs: ShownRun[] = [];
  const query = `${scheduledRun.by} = ${JSON.stringify(scheduleId)}`;
  for await (const run of client.workflow.list({ query, pageSize: SHOWN_RUNS })) {
    const { workflowId, runId, status, startTime, typedSearchAttributes } = run;
    runs.push({
      workflowId,
      status: status.name.toLowerCase().replaceAll('_', ' '),
      asOf: toZonedText(typedSearchAttributes.get(SCHEDULED_START) ?? startTime, timezone),
      uiUrl: runUrl(temporal, workflowId, runId),
    });
    if (runs.length === SHOWN_RUNS) break;
  }
  return runs;
}

interface Shown extends ScheduleView {
  readonly scheduleId: string;
  readonly next: readonly string[];
  readonly runs: readonly ShownRun[];
  readonly uiUrl: string;
}

function toLines({ scheduleId, next, runs, uiUrl, ...view }: Shown): string[] {
  const { paused, note, jitter, overlap, catchupWindow, pauseOnFailure, input } = view;
  return [
    `schedule "${scheduleId}": ${describeTimes(view)} – ${uiUrl}`,
    `${paused ? 'paused' : 'active'}${note ? `: ${note}` : ''}`,
    `spread over ${jitter}; overlap ${overlap}; missed starts are made up for within ${catchupWindow}; ` +
      (pauseOnFailure ? 'a failed run pauses it' : 'goes on after a failed run'),
    `input: ${JSON.stringify(input ?? {})}`,
    ...next.map((time) => `next: ${time}`),
    ...runs.map(
      ({ workflowId, status, asOf, uiUrl }) => `last: ${workflowId} ${status}, as of ${asOf} – ${uiUrl}`,
    ),
  ];
}
