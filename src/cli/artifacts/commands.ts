import type { Command } from 'commander';
import { JSON_HELP, parseCount } from '../shared/options.ts';
import type { GcOptions } from './gc.ts';
import type { GcScheduleOptions } from './schedule.ts';

export function addArtifactCommands(program: Command): void {
  const artifacts = program.command('artifacts').description('clean up the artifact store');
  artifacts
    .command('gc')
    .description('remove what no run, stream or registered model refers to any more')
    .requiredOption('--keep-days <n>', 'keep everything of runs that ended in the last days', parseCount)
    .option('--dry-run', 'only list what would be removed')
    .option('--json', JSON_HELP)
    .action(async (options: GcOptions) => {
      const { collectGarbage } = await import('./gc.ts');
      await collectGarbage(options);
    });
  artifacts
    .command('schedule')
    .description('do so every day: a workflow, started by the schedule artifacts-gc')
    .requiredOption('--keep-days <n>', 'keep everything of runs that ended in the last days', parseCount)
    .option('--at <HH:MM...>', 'times of day', ['04:00'])
    .option('--timezone <name>', 'IANA time zone; default the zone of this machine')
    .option('--dry-run', 'show what would change')
    .action(async (options: GcScheduleOptions) => {
      const { scheduleGarbageCollection } = await import('./schedule.ts');
      await scheduleGarbageCollection(options);
    });
}
