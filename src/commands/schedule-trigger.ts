import { setTimeout } from 'node:timers/promises';
import { ScheduleOverlapPolicy, type ScheduleDescription, type ScheduleHandle } from '@temporalio/client';
import { runUrl } from './links.ts';
import { print } from './print.ts';
import { withSchedule, type ScheduleOption } from './schedule-handle.ts';

/** Temporal takes a trigger without an answer; what became of it is seen in the schedule. */
const LOOK_EVERY_MS = 100;
const LOOKS = 50;

/** Triggers skip like the nightly runs do; without that, a run by hand would escape pause-on-failure. */
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
  for (let look = 1; ; look += 1) {
    const { info } = await handle.describe();
    const taken = info.numActionsTaken > before.numActionsTaken;
    const skipped = info.numActionsSkippedOverlap > before.numActionsSkippedOverlap;
    if (taken || skipped || look === LOOKS) return { taken, skipped, info };
    await setTimeout(LOOK_EVERY_MS);
  }
}
