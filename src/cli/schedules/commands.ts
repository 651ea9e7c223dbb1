import { Option, type Command } from 'commander';
import { NIGHTLY_SCHEDULE_ID } from '../../domain/names.ts';
import { JSON_HELP, parseId, withInput } from '../shared/options.ts';
import type { ApplyOptions } from './apply.ts';
import type { BackfillOptions } from './backfill.ts';
import type { ScheduleOption } from './control.ts';
import type { ShowOptions } from './show.ts';

export function addScheduleCommands(program: Command): void {
  const control = () => import('./control.ts');
  const schedule = program.command('schedule').description('the nightly retrain');
  const add = (name: string) =>
    schedule
      .command(name)
      .addOption(new Option('--id <scheduleId>', 'schedule').default(NIGHTLY_SCHEDULE_ID).argParser(parseId));

  withInput(add('apply'))
    .description('create the schedule or update it, and show what changed')
    .option('--file <file>', 'schedule.json: at, timezone, days, jitter, catchupWindow, note, paused, input')
    .option('--at <HH:MM...>', 'times of day; default 02:00')
    .option('--timezone <name>', 'IANA time zone; default the zone of this machine')
    .option('--dry-run', 'show what would change')
    .action(async (options: ApplyOptions) => {
      const { applySchedule } = await import('./apply.ts');
      await applySchedule(options);
    });
  add('show')
    .description('show when it runs and how the last runs ended')
    .option('--json', JSON_HELP)
    .action(async (options: ShowOptions) => {
      const { showSchedule } = await import('./show.ts');
      await showSchedule(options);
    });
  add('trigger')
    .description('start a run now, unless one is in progress')
    .action(async (options: ScheduleOption) => (await control()).triggerSchedule(options));
  add('pause')
    .argument('[note]', 'reason')
    .description('start no runs until resume')
    .action(async (note: string | undefined, options: ScheduleOption) =>
      (await control()).pauseSchedule(note, options),
    );
  add('resume')
    .argument('[note]', 'reason')
    .description('start runs again')
    .action(async (note: string | undefined, options: ScheduleOption) =>
      (await control()).resumeSchedule(note, options),
    );
  add('backfill')
    .description('start the runs of past days, one after another')
    .requiredOption('--from <date>', 'first day, in the time zone of the schedule')
    .requiredOption('--to <date>', 'last day, included')
    .option('--dry-run', 'show which runs would start')
    .action(async (options: BackfillOptions) => {
      const { backfillSchedule } = await import('./backfill.ts');
      await backfillSchedule(options);
    });
  add('delete')
    .description('delete the schedule; its runs stay')
    .action(async (options: ScheduleOption) => (await control()).deleteSchedule(options));
}
