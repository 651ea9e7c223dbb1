import type { Command } from 'commander';
import type { ExplainOptions } from './explain.ts';
import type { OpenOptions } from '../runs/open.ts';

/** What prepares a namespace, and what a person asks who wants to know what goes on in it. */
export function addExplainCommands(program: Command): void {
  program
    .command('explain')
    .argument('<id>', 'workflow id of a run, a stream or a micro-batch')
    .description('say why it does not go on or failed: where, what it waits for, what to do')
    .option('--json', 'print one JSON object as the last line')
    .action(async (id: string, options: ExplainOptions) => {
      const { explain } = await import('./explain.ts');
      await explain(id, options);
    });
  program
    .command('setup')
    .description('register the search attributes that runs are found by; may be repeated')
    .action(async () => {
      const { setup } = await import('../local/setup.ts');
      await setup();
    });
  program
    .command('open')
    .argument('[id]', 'workflow id of a run, a stream or a micro-batch')
    .description('print the links into the Temporal UI, and open the first in a browser')
    .option('--no-open', 'only print them; the default where the output is no terminal')
    .action(async (id: string | undefined, options: OpenOptions) => {
      const { openLinks } = await import('../runs/open.ts');
      await openLinks(id, options);
    });
}
