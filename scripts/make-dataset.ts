/** Writes a large CSV in the shape of a small one: npx tsx scripts/make-dataset.ts --rows 2000000 --output large.csv */
import { Command, InvalidArgumentError } from 'commander';
import { writeLargeDataset } from './write-large-dataset.ts';

interface Options {
  readonly rows: number;
  readonly output: string;
  readonly from?: string;
  readonly columns?: readonly string[];
  readonly seed: number;
}

await new Command('make-dataset')
  .description('Writes a large CSV: the rows of a small one again and again, with other numbers and titles.')
  .requiredOption('--rows <n>', 'data rows to write', parseCount)
  .requiredOption('--output <file>', 'the file to write')
  .option('--from <file>', 'a small CSV with commas and a header line; the sample dataset when absent')
  .option('--columns <list>', 'only these columns, separated by commas', (text: string) => text.split(','))
  .option('--seed <n>', 'of the noise', parseCount, 1)
  .action(({ output, ...options }: Options) => writeLargeDataset(output, options))
  .parseAsync();

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}
