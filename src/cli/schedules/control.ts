import {
  type Client,
  type ScheduleDescription,
  type ScheduleHandle,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { setTimeout } from 'node:timers/promises';
import type { Config } from '../../config.ts';
import { withClient } from '../shared/client.ts';
import { UsageError } from '../shared/exit.ts';
import { runUrl } from '../shared/links.ts';
import { print } from '../shared/output.ts';

/** A trigger returns no outcome; only the schedule's description shows it. */
const POLL_INTERVAL_MS = 100;
const MAX_POLLS = 300;

/** With the policy SKIP, as for the nightly runs: otherwise a failed run would not pause the schedule. */
export async function triggerSchedule(option: ScheduleOption): Promise<void> {
  await withSchedule(option, async (handle, _client, { temporal }) => {
    const before = await handle.describe();
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
    const { taken, skipped, info } = await watchTrigger(handle, before);
    const current = taken ? info.recentActions.at(-1)?.action : info.runningActions[0];
    const run = current && `${current.workflow.workflowId} ${runUrl(temporal, current.workflow.workflowId)}`;
    const outcome = taken ? 'started' : skipped ? 'skipped, a run is in progress' : UNKNOWN;
    print(`schedule "${handle.scheduleId}" triggered: ${outcome}${run === undefined ? '' : `: ${run}`}`);
  });
}

const UNKNOWN = 'not started yet; skipped if a run is in progress';

async function watchTrigger(handle: ScheduleHandle, { info: before }: ScheduleDescription) {
  for (let poll = 1; ; poll += 1) {
    const { info } = await handle.describe();
    const taken = info.numActionsTaken > before.numActionsTaken;
    const skipped = info.numActionsSkippedOverlap > before.numActionsSkippedOverlap;
    if (taken || skipped || poll === MAX_POLLS) return { taken, skipped, info };
    await setTimeout(POLL_INTERVAL_MS);
  }
}

export async function pauseSchedule(note: string | undefined, option: ScheduleOption): Promise<void> {
  await withSchedule(option, async (handle) => {
    await handle.pause(note ?? 'paused by imdb schedule pause');
    print(`schedule "${handle.scheduleId}" paused`);
  });
}

export async function resumeSchedule(note: string | undefined, option: ScheduleOption): Promise<void> {
  await withSchedule(option, async (handle) => {
    await handle.unpause(note ?? 'resumed by imdb schedule resume');
    print(`schedule "${handle.scheduleId}" resumed`);
  });
}

export async function deleteSchedule(option: ScheduleOption): Promise<void> {
  await withSchedule(option, async (handle) => {
    await handle.delete();
    print(`schedule "${handle.scheduleId}" deleted; its runs stay`);
  });
}

export interface ScheduleOption {
  readonly id: string;
}

/** @throws UsageError when there is no such schedule */
export async function withSchedule(
  { id }: ScheduleOption,
  work: (handle: ScheduleHandle, client: Client, config: Config) => Promise<void>,
): Promise<void> {
  await withClient(async (client, config) => {
    try {
      await work(client.schedule.getHandle(id), client, config);
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
      throw new UsageError(`there is no schedule "${id}" yet: create it with "imdb schedule apply"`, {
        cause: error,
      });
    }
  });
}
