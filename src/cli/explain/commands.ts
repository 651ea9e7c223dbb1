import type { Command } from 'commander';
import { JSON_HELP, parseId } from '../shared/options.ts';
import type { JsonOption } from '../shared/output.ts';

export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .argument('<id>', 'workflow id of a run, a stream or a micro-batch', parseId)
    .description('show why it does not continue or failed: where, what it waits for, what to do')
    .option('--json', JSON_HELP)
    .action(async (id: string, options: JsonOption) => {
      const { explain } = await import('./explain.ts');
      await explain(id, options);
    });
}
