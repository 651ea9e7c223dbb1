/** Writes a large CSV in the shape of a small one: npx tsx scripts/make-dataset.ts --rows 2000000 --output large.csv */
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, InvalidArgumentError } from 'commander';
import { ensureSampleDataset } from '../src/dev/sample-dataset.ts';
import { enlargeDataset } from './large-dataset.ts';

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
  .action(main)
  .parseAsync();

async function main({ rows, output, from, columns, seed }: Options): Promise<void> {
  const source = from === undefined ? await readSample() : await readFile(from, 'utf8');
  const chunks = enlargeDataset(source, { rows, seed, ...(columns !== undefined && { columns }) });
  await pipeline(Readable.from(chunks), createWriteStream(output));
}

async function readSample(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'make-dataset-'));
  try {
    return await readFile(await ensureSampleDataset(directory), 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}
