#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { ListOptions } from './cli/dead-letters/list.ts';
import type { ReplayOptions } from './cli/dead-letters/report.ts';
import { exitCode, reportError } from './cli/shared/output.ts';
import type { ExportOptions } from './cli/models/export.ts';
import { addModelsCommands } from './cli/models/commands.ts';
import { collectSetting, type RunInputOptions } from './cli/shared/run-input.ts';
import { addExplainCommands } from './cli/explain/commands.ts';
import { packageVersion } from './worker/package-version.ts';
import { addScheduleCommands } from './cli/schedules/commands.ts';
import { addReportCommand } from './cli/runs/report.ts';
import { addStreamCommands } from './cli/streams/commands.ts';

// Stack traces name the .ts files, also of the program as it is built. Commands are loaded after this.
process.setSourceMapsEnabled(true);

/** Each command is loaded when it is used: `imdb status` must not wait for danfo, nor need the local servers' code. */
function createProgram(): Command {
  const program = new Command('imdb')
    .description(
      'A durable Temporal job: an IMDb CSV in, a random forest and a stream of rating predictions out.',
    )
    .version(packageVersion())
    .option('--verbose', 'show stack traces')
    .showHelpAfterError('(see imdb --help)')
    .exitOverride()
    .addHelpText('after', '\nExit codes: 0 done, 1 the run failed, 2 the command could not do its work.');

  withInput(program.command('run'))
    .description('start a run')
    .option('--id <workflowId>', 'workflow id; default rating-<time>')
    .option('--wait', 'show progress until the run ends, then its result')
    .option('--json', 'print one JSON object as the last line')
    .action(async (options: RunInputOptions & { id?: string; wait?: true; json?: true }) => {
      const { run } = await import('./cli/runs/start.ts');
      await run(options);
    });

  program
    .command('status <workflowId>')
    .description('show the steps of a run, what it waits for, and its last error')
    .action(async (workflowId: string) => {
      const { status } = await import('./cli/runs/status.ts');
      await status(workflowId);
    });

  addExplainCommands(program);
  program
    .command('worker')
    .description('run a worker until Ctrl-C')
    .action(async () => {
      const { worker } = await import('./cli/local/worker.ts');
      await worker();
    });

  withInput(program.command('demo'))
    .description('start what is missing, run the pipeline on real films, show the result')
    .option('--csv <file>', 'use this CSV; its folder becomes the demo worker’s DATA_DIR')
    .option('--json', 'print one JSON object as the last line of stdout')
    .addOption(new Option('--keep', 'stay up for the UI until Ctrl-C').default(undefined, 'on a terminal'))
    .option('--no-keep', 'end after the run')
    .action(async (options: RunInputOptions & { csv?: string; json?: true; keep?: boolean }) => {
      const { demo } = await import('./cli/local/demo.ts');
      await demo(options);
    });

  program
    .command('services')
    .description('start local Temporal and Kafka and stay until Ctrl-C')
    .action(async () => {
      const { services } = await import('./cli/local/services.ts');
      await services();
    });

  program
    .command('health')
    .description('exit 0 when Temporal answers and a worker polls the task queue')
    .action(async () => {
      const { health } = await import('./cli/local/health.ts');
      await health();
    });

  addReportCommand(program);
  addStreamCommands(program, withInput);
  addModelsCommands(program, parseCount);
  addScheduleCommands(program, withInput);
  addModelCommands(program.command('model').description('look into a trained model, take it elsewhere'));
  addDeadLetterCommands(
    program
      .command('dead-letters')
      .description('records that could not be scored: see them, send them again'),
  );
  return program;
}

function withInput(command: Command): Command {
  return command
    .option('--input <file>', 'JSON file with the input')
    .option('--set <key=value>', 'override one input field, e.g. forest.trees=50', collectSetting, []);
}

function addModelCommands(model: Command): void {
  const which = 'a .model file, the workflow id of a finished run, or a champion: imdb-score@champion';
  model
    .command('show')
    .argument('<model>', which)
    .description('its size, its parameters, how well it predicts and what it goes by')
    .option('--json', 'print one JSON object as the last line')
    .action(async (name: string, options: { json?: true }) => {
      const { showModel } = await import('./cli/models/show.ts');
      await showModel(name, options);
    });
  model
    .command('export')
    .argument('<model>', which)
    .description('write it in a format that other programs load')
    .requiredOption('--format <name>', 'ml-random-forest or onnx')
    .option('--out <file>', 'default <version>.json or <version>.onnx')
    .option('--force', 'overwrite the file')
    .action(async (name: string, options: ExportOptions) => {
      const { exportModel } = await import('./cli/models/export.ts');
      await exportModel(name, options);
    });
}

function addDeadLetterCommands(deadLetters: Command): void {
  const topic = 'the topic that they were refused from';
  deadLetters
    .command('list')
    .argument('[topic]', topic, 'a1')
    .description('the newest: where each was, why it was refused, whether it was replayed')
    .option('--limit <n>', 'how many', parseCount, 50)
    .option('--json', 'print one JSON object as the last line, with the bytes in base64')
    .action(async (name: string, options: ListOptions) => {
      const { listDeadLetters } = await import('./cli/dead-letters/list.ts');
      await listDeadLetters(name, options);
    });
  deadLetters
    .command('replay')
    .argument('[topic]', topic, 'a1')
    .description('send each that was not replayed yet back to its topic, once, as it was')
    .option('--dry-run', 'show what would be sent')
    .option('--first', 'none was replayed before: send also those too old to tell')
    .option('--json', 'print one JSON object as the last line')
    .action(async (name: string, options: ReplayOptions) => {
      const { replayDeadLetters } = await import('./cli/dead-letters/replay.ts');
      await replayDeadLetters(name, options);
    });
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a number, 1 or more');
  return Number(text);
}

// `imdb status … | head` closes the pipe; there is nobody left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCode.done);
});

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCode.cannot;
  else process.exitCode = reportError(error, program.opts<{ verbose?: true }>().verbose === true);
}
