import {
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
  type Client,
  type ScheduleHandle,
  type ScheduleOptions,
} from '@temporalio/client';
import { NIGHTLY_SCHEDULE_ID, workflowType } from '../domain/names.ts';
import { parsePipelineInput } from '../domain/pipeline-input.ts';
import { UsageError } from './exit.ts';
import { readRunInput, type RunInputOptions } from './run-input.ts';
import { withClient } from './with-client.ts';

/** A server that was down at two still retrains before people come to work. */
const CATCHUP_WINDOW = '6 hours';
/** Spreads the load of everybody's 02:00. */
const JITTER = '5 minutes';

export interface ApplyOptions extends RunInputOptions {
  readonly at: string;
  readonly timezone: string;
}

export async function applySchedule(options: ApplyOptions): Promise<void> {
  const { hour, minute } = parseTimeOfDay(options.at);
  requireTimezone(options.timezone);
  const input = await readRunInput(options);
  // A wrong input would fail every night; say it now.
  parsePipelineInput(input);
  await withClient(async (client, { taskQueue }) => {
    const schedule: Omit<ScheduleOptions, 'scheduleId'> = {
      spec: { calendars: [{ hour, minute }], timezone: options.timezone, jitter: JITTER },
      policies: {
        overlap: ScheduleOverlapPolicy.SKIP,
        catchupWindow: CATCHUP_WINDOW,
        pauseOnFailure: true,
      },
      action: {
        type: 'startWorkflow',
        workflowType: workflowType.ratingPipeline,
        workflowId: NIGHTLY_SCHEDULE_ID,
        taskQueue,
        args: [input],
      },
    };
    const change = await createOrUpdate(client, schedule);
    print(`schedule "${NIGHTLY_SCHEDULE_ID}" ${change}: every day at ${options.at} ${options.timezone}`);
  });
}

async function createOrUpdate(
  client: Client,
  schedule: Omit<ScheduleOptions, 'scheduleId'>,
): Promise<'created' | 'updated'> {
  const handle = client.schedule.getHandle(NIGHTLY_SCHEDULE_ID);
  try {
    // The paused state and its note are the operator's: they survive a change of the plan.
    await handle.update(({ state }) => ({ ...schedule, state }));
    return 'updated';
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await client.schedule.create({ ...schedule, scheduleId: NIGHTLY_SCHEDULE_ID });
    return 'created';
  }
}

export async function showSchedule(): Promise<void> {
  await withHandle(async (handle) => {
    const { spec, state, info, action } = await handle.describe();
    const { hour, minute } = spec.calendars?.[0] ?? {};
    const at = [hour?.[0]?.start, minute?.[0]?.start]
      .map((part) => String(part ?? 0).padStart(2, '0'))
      .join(':');
    print(`schedule "${handle.scheduleId}": every day at ${at} ${spec.timezone ?? 'UTC'}`);
    print(state.paused ? `paused: ${state.note ?? 'no note'}` : 'active');
    print(`input: ${JSON.stringify(action.args?.[0] ?? {})}`);
    if (!state.paused) {
      for (const next of info.nextActionTimes.slice(0, 3)) print(`next: ${next.toISOString()}`);
    }
    for (const { takenAt, action: taken } of info.recentActions.slice(-5).reverse()) {
      print(`last: ${takenAt.toISOString()} ${taken.workflow.workflowId}`);
    }
  });
}

/** Triggers skip like the nightly runs do; without that, a run by hand would escape pause-on-failure. */
export async function triggerSchedule(): Promise<void> {
  await withHandle(async (handle) => {
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
    print(`schedule "${handle.scheduleId}" triggered; skipped if a run is in progress`);
  });
}

export async function pauseSchedule(note?: string): Promise<void> {
  await withHandle(async (handle) => {
    await handle.pause(note ?? 'paused by imdb schedule pause');
    print(`schedule "${handle.scheduleId}" paused`);
  });
}

export async function resumeSchedule(note?: string): Promise<void> {
  await withHandle(async (handle) => {
    await handle.unpause(note ?? 'resumed by imdb schedule resume');
    print(`schedule "${handle.scheduleId}" resumed`);
  });
}

export async function deleteSchedule(): Promise<void> {
  await withHandle(async (handle) => {
    await handle.delete();
    print(`schedule "${handle.scheduleId}" deleted; its runs stay`);
  });
}

async function withHandle(work: (handle: ScheduleHandle) => Promise<void>): Promise<void> {
  await withClient(async (client) => {
    try {
      await work(client.schedule.getHandle(NIGHTLY_SCHEDULE_ID));
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new UsageError('there is no schedule yet: create it with "imdb schedule apply"', {
        cause: error,
      });
    }
  });
}

function parseTimeOfDay(text: string): { hour: number; minute: number } {
  const [, hour, minute] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined) {
    throw new UsageError(`--at ${text}: expected a time of day like 02:00`);
  }
  return { hour: Number(hour), minute: Number(minute) };
}

function requireTimezone(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
  } catch (cause) {
    throw new UsageError(`--timezone ${name}: expected an IANA time zone like Europe/Berlin`, { cause });
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
