import type { Command } from 'commander';
import { JSON_HELP, parseCount } from '../shared/options.ts';
import type { GcOptions } from './gc.ts';

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
}
