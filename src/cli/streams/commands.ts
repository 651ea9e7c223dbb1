import type { Command } from 'commander';
import { JSON_HELP, parseId, withInput } from '../shared/options.ts';
import type { JsonOption } from '../shared/output.ts';
import type { RepairOptions } from './repair.ts';
import type { StreamStartOptions } from './start.ts';

const STREAM = 'workflow id of a stream, or of the run that started it';

export function addStreamCommands(program: Command): void {
  const stream = program.command('stream').description('score the records of a topic as they arrive');
  withInput(stream.command('start'))
    .description('start a stream, or continue where the last start of its id ended')
    .option('--id <workflowId>', 'workflow id, which keeps its position; default imdb-stream', parseId)
    .option('--topic <name>', 'default a1')
    .option(
      '--model <model>',
      'workflow id of a finished run, or imdb-score@champion; default that, else the newest run',
    )
    .option('--from <place>', 'for the first start: earliest, latest, an ISO time, or offsets (0:1200,1:900)')
    .option('--start-over', 'ignore the kept position and begin at --from')
    .option('--available-now', 'score the present records, then end')
    .option('--interval <seconds>', 'time between two polls of the topic; default 10')
    .option('--wait', 'show progress until the stream ends; Ctrl-C leaves it running')
    .option('--json', JSON_HELP)
    .action(async (options: StreamStartOptions) => {
      const { startStream } = await import('./start.ts');
      await startStream(options);
    });
  stream
    .command('status')
    .argument('[id]', `${STREAM}; default imdb-stream`, parseId)
    .description('show rows, rate, lag, failed and recent micro-batches; or how the stream ended')
    .option('--json', JSON_HELP)
    .action(async (id: string | undefined, options: JsonOption) => {
      const { streamStatus } = await import('./status.ts');
      await streamStatus(id, options);
    });
  stream
    .command('stop')
    .argument('[id]', 'workflow id of a stream; default imdb-stream', parseId)
    .description('finish the micro-batches in flight, then end the stream')
    .option('--wait', 'show progress until the stream has ended, then its result')
    .action(async (id: string | undefined, options: { wait?: true }) => {
      const { stopStream } = await import('./stop.ts');
      await stopStream(id, options);
    });

  program
    .command('repair')
    .argument('<id>', STREAM, parseId)
    .description('retry failed micro-batches, or skip them')
    .option('--retry [batch...]', 'retry these micro-batches; all that failed when none is named')
    .option('--skip [batch...]', 'leave these out for good; all that failed when none is named')
    .action(async (id: string, options: RepairOptions) => {
      const { repair } = await import('./repair.ts');
      await repair(id, options);
    });
}
