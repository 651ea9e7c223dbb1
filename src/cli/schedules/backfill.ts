import { ScheduleOverlapPolicy } from '@temporalio/client';
import { timeZones, toZonedText } from '../../adapters/time-zones.ts';
import { toDateText } from '../../domain/dataset/local-time.ts';
import { counted } from '../../domain/text.ts';
import { UsageError } from '../shared/exit.ts';
import { print } from '../shared/output.ts';
import { type ScheduleOption, withSchedule } from './control.ts';
import { viewOfSchedule } from './definition.ts';
import { listScheduledTimes } from './times.ts';

export interface BackfillOptions extends ScheduleOption {
  /** Dates in the schedule's zone, both included. */
  readonly from: string;
  readonly to: string;
  readonly dryRun?: true;
}

/** Starts missed runs one after another, because the model of one night may be the champion of the next. */
export async function backfillSchedule(options: BackfillOptions): Promise<void> {
  const from = requireDate('--from', options.from);
  const to = requireDate('--to', options.to);
  if (from > to) throw new UsageError(`--from ${from} is after --to ${to}`);
  await withSchedule(options, async (handle, client) => {
    const { scheduleId } = handle;
    const description = await handle.describe();
    const { at, timezone } = viewOfSchedule(description);
    if (at === undefined) {
      throw new UsageError(
        `schedule "${scheduleId}" has times that "imdb schedule apply" did not set: backfill it in the UI, or apply it first`,
      );
    }
    const now = new Date();
    const today = toDateText(timeZones.read(now, timezone));
    if (to > today) throw new UsageError(`--to ${to}: it is still ${today} in ${timezone}`);
    const schedule = { at, timezone, jitterMs: description.spec.jitter ?? 0 };
    const listed = await listScheduledTimes(client, scheduleId, schedule, { from, to });
    const times = listed.filter(({ nominal }) => nominal <= now);
    const [first, last] = [times[0], times.at(-1)];
    if (!first || !last) {
      throw new UsageError(`schedule "${scheduleId}" has no time from ${from} to ${to} in ${timezone}`);
    }

    if (!options.dryRun) {
      await handle.backfill({
        start: first.nominal,
        // The server compares times that include the jitter; the client has truncated them to milliseconds.
        end: new Date(last.start.getTime() + 1),
        overlap: ScheduleOverlapPolicy.BUFFER_ALL,
      });
    }
    print(
      `schedule "${scheduleId}" ${options.dryRun ? 'would start' : 'starts'} ${counted(times.length, 'run')}, one after another, for`,
    );
    for (const { nominal } of times) print(`  ${toZonedText(nominal, timezone)}`);
  });
}

function requireDate(option: string, text: string): string {
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
  if (isDate && new Date(text).toISOString().startsWith(text)) return text;
  throw new UsageError(`${option} ${text}: expected a date like 2026-11-20`);
}
