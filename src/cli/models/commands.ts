import type { Command } from 'commander';
import { JSON_HELP, parseCount } from '../shared/options.ts';
import type { JsonOption } from '../shared/output.ts';
import type { ChangeOptions, HistoryOptions } from './champions.ts';
import type { ExportOptions } from './export.ts';

/** `imdb models` is about the registry and its champions, `imdb model` about one trained model. */
export function addModelCommands(program: Command): void {
  addRegistryCommands(program.command('models').description('show and change which model is the champion'));
  addFileCommands(program.command('model').description('show a trained model, or export it'));
}

function addRegistryCommands(models: Command): void {
  const champions = () => import('./champions.ts');
  const name = 'name in the registry, like imdb-score';
  const reason = 'kept in the history of the registry';
  models
    .command('list')
    .description('show every model name of the task queue, with its champion')
    .option('--json', JSON_HELP)
    .action(async (options: JsonOption) => (await champions()).listModels(options));
  models
    .command('show')
    .argument('<name>', name)
    .description('show the champion and every decision, newest first, with reason and interval')
    .option('--limit <n>', 'how many decisions', parseCount, 20)
    .option('--json', JSON_HELP)
    .action(async (model: string, options: HistoryOptions) => (await champions()).showModels(model, options));
  models
    .command('promote')
    .argument('<name>', name)
    .argument('<version>', '12 hex digits, as "imdb models show" lists them')
    .description('make a version the champion, whatever its comparison said')
    .option('--reason <text>', reason)
    .option('--json', JSON_HELP)
    .action(async (model: string, version: string, options: ChangeOptions) =>
      (await champions()).promoteModel(model, version, options),
    );
  models
    .command('rollback')
    .argument('<name>', name)
    .description('return to the previous champion; repeat it to go further back')
    .option('--reason <text>', reason)
    .option('--json', JSON_HELP)
    .action(async (model: string, options: ChangeOptions) =>
      (await champions()).rollbackModel(model, options),
    );
}

function addFileCommands(model: Command): void {
  const which = 'a .model file, the workflow id of a finished run, or a champion: imdb-score@champion';
  model
    .command('show')
    .argument('<model>', which)
    .description('show its size, parameters, quality and feature importances')
    .option('--card', 'show its model card instead, in Markdown')
    .option('--json', JSON_HELP)
    .action(async (name: string, options: JsonOption & { readonly card?: true }) => {
      if (options.card) return (await import('./card.ts')).showCard(name, options);
      const { showModel } = await import('./show.ts');
      return showModel(name, options);
    });
  model
    .command('export')
    .argument('<model>', which)
    .description('write it in a format that other programs load')
    .requiredOption('--format <name>', 'ml-random-forest or onnx')
    .option('--out <file>', 'default <version>.json or <version>.onnx')
    .option('--force', 'overwrite the file')
    .action(async (name: string, options: ExportOptions) => {
      const { exportModel } = await import('./export.ts');
      await exportModel(name, options);
    });
}
