import type { Command } from 'commander';
import { JSON_HELP, parseCount } from '../shared/options.ts';
import type { ListOptions } from './list.ts';
import type { ReplayOptions } from './report.ts';

const TOPIC = 'the topic whose records could not be scored';

export function addDeadLetterCommands(program: Command): void {
  const deadLetters = program
    .command('dead-letters')
    .description('list the records that could not be scored, and replay them');
  deadLetters
    .command('list')
    .argument('[topic]', TOPIC, 'a1')
    .description('show the newest: their place, why they were refused, and whether they were replayed')
    .option('--limit <n>', 'how many', parseCount, 50)
    .option('--json', `${JSON_HELP}, with the bytes in base64`)
    .action(async (topic: string, options: ListOptions) => {
      const { listDeadLetters } = await import('./list.ts');
      await listDeadLetters(topic, options);
    });
  deadLetters
    .command('replay')
    .argument('[topic]', TOPIC, 'a1')
    .description('send each dead letter that was not replayed yet back to its topic, once and unchanged')
    .option('--dry-run', 'show what would be sent')
    .option('--first', 'confirm that no dead letter was replayed before; also sends those too old to know')
    .option('--json', JSON_HELP)
    .action(async (topic: string, options: ReplayOptions) => {
      const { replayDeadLetters } = await import('./replay.ts');
      await replayDeadLetters(topic, options);
    });
}
