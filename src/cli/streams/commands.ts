import type { Command } from 'commander';
import type { RepairOptions } from './repair.ts';
import type { StreamStartOptions } from './start.ts';

const RUN_OR_STREAM = 'workflow id of a run or a stream';
const STREAM = 'workflow id of a stream, or of a run whose stream is meant';

/** What an operator does with runs and streams in progress. */
export function addStreamCommands(program: Command, withInput: (command: Command) => Command): void {
  const stream = program.command('stream').description('score a topic as long as records come');
  withInput(stream.command('start'))
    .description('start a stream, or go on where the last start of its id was')
    .option('--id <workflowId>', 'workflow id, by which it finds where it was; default imdb-stream')
    .option('--topic <name>', 'default a1')
    .option(
      '--model <run>',
      'a finished run’s workflow id, or imdb-score@champion; default that, else the newest run',
    )
    .option('--from <place>', 'the first time: earliest, latest, an ISO time, or offsets like 0:1200,1:900')
    .option('--start-over', 'begin at --from, wherever it was')
    .option('--available-now', 'score what is there, then end')
    .option('--interval <seconds>', 'between two looks at the topic; default 10')
    .option('--wait', 'show progress until it ends; Ctrl-C leaves it running')
    .option('--json', 'print one JSON object as the last line')
    .action(async (options: StreamStartOptions) => {
      const { startStream } = await import('./start.ts');
      await startStream(options);
    });
  stream
    .command('status')
    .argument('[id]', `${STREAM}; default imdb-stream`)
    .description('rows, rate, lag, failed and recent micro-batches; or how it ended')
    .option('--json', 'print one JSON object as the last line')
    .action(async (id: string | undefined, options: { json?: true }) => {
      const { streamStatus } = await import('./status.ts');
      await streamStatus(id, options);
    });
  stream
    .command('stop')
    .argument('[id]', 'workflow id of a stream; default imdb-stream')
    .description('finish the micro-batches in flight, then end')
    .option('--wait', 'until it has ended, then its result')
    .action(async (id: string | undefined, options: { wait?: true }) => {
      const { stopStream } = await import('./stop.ts');
      await stopStream(id, options);
    });

  program
    .command('repair')
    .argument('<id>', STREAM)
    .description('say what is to be done about failed micro-batches')
    .option('--retry [batch...]', 'try these again; all, if none is named')
    .option('--skip [batch...]', 'leave these out for good; all, if none is named')
    .action(async (id: string, options: RepairOptions) => {
      const { repair } = await import('./repair.ts');
      await repair(id, options);
    });
  program
    .command('pause')
    .argument('<id>', RUN_OR_STREAM)
    .description('begin no further step or micro-batch')
    .action(async (id: string) => {
      const { pause } = await import('../runs/pause.ts');
      await pause(id);
    });
  program
    .command('resume')
    .argument('<id>', RUN_OR_STREAM)
    .description('go on after pause')
    .action(async (id: string) => {
      const { resume } = await import('../runs/pause.ts');
      await resume(id);
    });
}
