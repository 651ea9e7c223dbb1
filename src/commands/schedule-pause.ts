import { print } from './print.ts';
import { withSchedule, type ScheduleOption } from './schedule-handle.ts';

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
