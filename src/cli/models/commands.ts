import type { Command } from 'commander';
import type { ChangeOptions, ShowOptions } from './registry.ts';

const NAME = 'name in the registry, like imdb-score';
const RUN = 'workflow id of a run that asks';

/**
 * Which model of a name serves, and who decides. `imdb model` (singular) looks into one model file.
 *
 * @param parseCount of an option that takes a number, 1 or more
 */
export function addModelsCommands(program: Command, parseCount: (text: string) => number): void {
  const commands = () => import('./registry.ts');
  const models = program.command('models').description('champions: which model serves, since when and why');
  models
    .command('list')
    .description('every model of the task queue, with its champion')
    .option('--json', 'print one JSON object as the last line')
    .action(async (options: { json?: true }) => (await commands()).listModels(options));
  models
    .command('show')
    .argument('<name>', NAME)
    .description('the champion and every decision, newest first, with reason and interval')
    .option('--limit <n>', 'how many decisions', parseCount, 20)
    .option('--json', 'print one JSON object as the last line')
    .action(async (name: string, options: ShowOptions) => (await commands()).showModels(name, options));
  models
    .command('promote')
    .argument('<name>', NAME)
    .argument('<version>', '12 hex digits, as "imdb models show" lists them')
    .description('make a version the champion, whatever its run thought of it')
    .option('--reason <text>', 'stands in the history')
    .option('--json', 'print one JSON object as the last line')
    .action(async (name: string, version: string, options: ChangeOptions) =>
      (await commands()).promoteModel(name, version, options),
    );
  models
    .command('rollback')
    .argument('<name>', NAME)
    .description('go back to the champion before; again, further back')
    .option('--reason <text>', 'stands in the history')
    .option('--json', 'print one JSON object as the last line')
    .action(async (name: string, options: ChangeOptions) => (await commands()).rollbackModel(name, options));

  for (const [answer, what] of [
    ['approve', 'let the model of a run become the champion'],
    ['reject', 'keep the champion; the run goes on'],
  ] as const) {
    program
      .command(answer)
      .argument('<id>', RUN)
      .description(what)
      .option('--note <text>', 'stands in the registry’s history')
      .action(async (id: string, options: { note?: string }) => {
        const { answerRun } = await import('../runs/approve.ts');
        await answerRun(id, answer, options);
      });
  }
}
