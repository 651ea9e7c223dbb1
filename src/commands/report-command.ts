import type { Command } from 'commander';
import type { ReportOptions } from './report.ts';

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .argument('<id>', 'workflow id of a finished run')
    .description('open the report of a run in a browser')
    .option('--no-open', 'only say where it is')
    .option('--json', 'print one JSON object as the last line')
    .action(async (id: string, options: ReportOptions) => {
      const { report } = await import('./report.ts');
      await report(id, options);
    });
}
