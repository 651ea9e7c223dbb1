import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ensureSampleDataset } from '../src/dev/sample-dataset.ts';
import { enlargeDataset, type LargeDatasetOptions } from './large-dataset.ts';

/**
 * Writes {@link enlargeDataset} to a file, in bounded memory.
 * @param from the small CSV; the sample dataset when absent
 */
export async function writeLargeDataset(
  file: string,
  { from, ...options }: LargeDatasetOptions & { readonly from?: string },
): Promise<void> {
  const source = from === undefined ? await readSample() : await readFile(from, 'utf8');
  await pipeline(Readable.from(enlargeDataset(source, options)), createWriteStream(file));
}

async function readSample(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sample-'));
  try {
    return await readFile(await ensureSampleDataset(directory), 'utf8');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
