#!/usr/bin/env node
import nodeModule from 'node:module';
import { Command, CommanderError } from 'commander';
import { addArtifactCommands } from './cli/artifacts/commands.ts';
import { addDeadLetterCommands } from './cli/dead-letters/commands.ts';
import { addExplainCommand } from './cli/explain/commands.ts';
import { addLocalCommands } from './cli/local/commands.ts';
import { addModelCommands } from './cli/models/commands.ts';
import { addRunCommands } from './cli/runs/commands.ts';
import { addScheduleCommands } from './cli/schedules/commands.ts';
import { exitCode, reportError } from './cli/shared/exit.ts';
import { addStreamCommands } from './cli/streams/commands.ts';
import { packageVersion } from './worker/package-version.ts';

// Stack traces name the .ts files, in the built program too. Commands are loaded after this.
process.setSourceMapsEnabled(true);
// From Node 22.8 on, compiled code is kept between starts: a command loads in two thirds of the time.
(nodeModule as { enableCompileCache?: () => unknown }).enableCompileCache?.();

/** Each folder of `cli/` declares its commands in `commands.ts`; their code is loaded when they are used. */
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
  addRunCommands(program);
  addExplainCommand(program);
  addStreamCommands(program);
  addDeadLetterCommands(program);
  addModelCommands(program);
  addArtifactCommands(program);
  addScheduleCommands(program);
  addLocalCommands(program);
  return program;
}

// `imdb status … | head` closes the pipe: further output has no reader.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCode.done);
});

const program = createProgram();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : exitCode.cannot;
  else process.exitCode = await reportError(error, program.opts<{ verbose?: true }>().verbose === true);
}
