import { toZonedText } from '../adapters/time-zones.ts';
import { scheduleUrl } from './links.ts';
import { print } from './print.ts';
import { printableText } from './printable.ts';
import { withSchedule, type ScheduleOption } from './schedule-handle.ts';
import { lastRuns, type LastRun } from './schedule-last-runs.ts';
import { describeTimes, viewOfSchedule, type ScheduleView } from './schedule-view.ts';

const SHOWN_TIMES = 5;
const MAX_REASON_CHARS = 300;

export interface ShowOptions extends ScheduleOption {
  readonly json?: true;
}

export async function showSchedule({ json, ...option }: ShowOptions): Promise<void> {
  await withSchedule(option, async (handle, client, { temporal }) => {
    const { scheduleId } = handle;
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
    if (json) print(JSON.stringify(shown));
    else for (const line of toLines(shown)) print(line);
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
    `spread over ${jitter}; overlap ${overlap}; missed starts are made up for within ${catchupWindow}; ` +
      (pauseOnFailure ? 'a failed run pauses it' : 'goes on after a failed run'),
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
