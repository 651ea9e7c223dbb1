import { Option, type Command } from 'commander';
import { NIGHTLY_SCHEDULE_ID } from '../../domain/names.ts';
import type { ApplyOptions } from './apply.ts';
import type { BackfillOptions } from './backfill.ts';
import type { ScheduleOption } from './pause.ts';
import type { ShowOptions } from './show.ts';

/** The nightly retrain. */
export function addScheduleCommands(program: Command, withInput: (command: Command) => Command): void {
  const schedule = program.command('schedule').description('the nightly retrain');
  const add = (name: string) =>
    schedule
      .command(name)
      .addOption(new Option('--id <scheduleId>', 'schedule').default(NIGHTLY_SCHEDULE_ID));

  withInput(add('apply'))
    .description('create the schedule, or make it this and show what changed')
    .option('--file <file>', 'schedule.json: at, timezone, days, jitter, catchupWindow, note, paused, input')
    .option('--at <HH:MM...>', 'times of day; default 02:00')
    .option('--timezone <name>', 'IANA time zone; default this machine’s')
    .option('--dry-run', 'show what would change')
    .action(async (options: ApplyOptions) => {
      const { applySchedule } = await import('./apply.ts');
      await applySchedule(options);
    });
  add('show')
    .description('when it runs, how the last runs ended')
    .option('--json', 'print one JSON object')
    .action(async (options: ShowOptions) => {
      const { showSchedule } = await import('./show.ts');
      await showSchedule(options);
    });
  add('trigger')
    .description('run now, unless a run is in progress')
    .action(async (options: ScheduleOption) => {
      const { triggerSchedule } = await import('./pause.ts');
      await triggerSchedule(options);
    });
  add('pause')
    .argument('[note]', 'why')
    .description('no runs until resume')
    .action(async (note: string | undefined, options: ScheduleOption) => {
      const { pauseSchedule } = await import('./pause.ts');
      await pauseSchedule(note, options);
    });
  add('resume')
    .argument('[note]', 'why')
    .description('runs again')
    .action(async (note: string | undefined, options: ScheduleOption) => {
      const { resumeSchedule } = await import('./pause.ts');
      await resumeSchedule(note, options);
    });
  add('backfill')
    .description('run for the times of past days, one after another')
    .requiredOption('--from <date>', 'first day, in the schedule’s time zone')
    .requiredOption('--to <date>', 'last day, included')
    .option('--dry-run', 'show which runs that would be')
    .action(async (options: BackfillOptions) => {
      const { backfillSchedule } = await import('./backfill.ts');
      await backfillSchedule(options);
    });
  add('delete')
    .description('remove the schedule; its runs stay')
    .action(async (options: ScheduleOption) => {
      const { deleteSchedule } = await import('./pause.ts');
      await deleteSchedule(options);
    });
}
