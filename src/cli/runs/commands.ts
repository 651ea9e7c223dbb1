import type { Command } from 'commander';
import { JSON_HELP, parseId, withInput } from '../shared/options.ts';
import type { OpenOptions } from './open.ts';
import type { ReportOptions } from './report.ts';
import type { RunOptions } from './start.ts';

const RUN_OR_STREAM = 'workflow id of a run or a stream';
const WAITING_RUN = 'workflow id of a run that waits for approval';

/** Commands about runs; those that streams share with them take the id of either. */
export function addRunCommands(program: Command): void {
  const control = () => import('./control.ts');
  withInput(program.command('run'))
    .description('start a run')
    .option('--id <workflowId>', 'workflow id; default rating-<time>', parseId)
    .option('--wait', 'show progress until the run ends, then its result; Ctrl-C leaves it running')
    .option('--json', JSON_HELP)
    .action(async (options: RunOptions) => {
      const { run } = await import('./start.ts');
      await run(options);
    });
  program
    .command('status')
    .argument('<id>', RUN_OR_STREAM, parseId)
    .description('show the steps of a run, what it waits for, and its last error')
    .action(async (id: string) => {
      const { status } = await import('./status.ts');
      await status(id);
    });
  program
    .command('report')
    .argument('<id>', 'workflow id of a finished run', parseId)
    .description('open the report of a run in a browser')
    .option('--no-open', 'only print where it is')
    .option('--json', JSON_HELP)
    .action(async (id: string, options: ReportOptions) => {
      const { report } = await import('./report.ts');
      await report(id, options);
    });
  program
    .command('open')
    .argument('[id]', 'workflow id of a run, a stream or a micro-batch', parseId)
    .description('print links into the Temporal UI, and open the first in a browser')
    .option('--runs', 'the list of runs, without micro-batches, streams and registries')
    .option('--no-open', 'only print the links; the default when the output is not a terminal')
    .action(async (id: string | undefined, options: OpenOptions) => {
      const { openLinks } = await import('./open.ts');
      await openLinks(id, options);
    });
  program
    .command('pause')
    .argument('<id>', RUN_OR_STREAM, parseId)
    .description('start no further step or micro-batch until resume')
    .action(async (id: string) => (await control()).pause(id));
  program
    .command('resume')
    .argument('<id>', RUN_OR_STREAM, parseId)
    .description('continue after pause')
    .action(async (id: string) => (await control()).resume(id));
  for (const [answer, what] of [
    ['approve', 'let the model of a run become the champion'],
    ['reject', 'keep the champion; the run continues'],
  ] as const) {
    program
      .command(answer)
      .argument('<id>', WAITING_RUN, parseId)
      .description(what)
      .option('--note <text>', 'reason, kept in the history of the registry')
      .action(async (id: string, options: { note?: string }) =>
        (await control()).answerRun(id, answer, options),
      );
  }
}
