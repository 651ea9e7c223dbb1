import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished } from 'vitest';
import { openFrames } from '../../../../src/adapters/csv/thread/frames.ts';
import { readTable } from '../../../../src/adapters/csv/thread/read-table.ts';
import { TABLE_LIMITS, type TableLimits } from '../../../../src/domain/dataset/limits.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const frames = openFrames();

async function read(dir: string, content: string | Uint8Array, limits: Partial<TableLimits>) {
  const path = join(dir, 'films.csv');
  await writeFile(path, content);
  const file = await open(path);
  onTestFinished(() => file.close());
  const { dataset } = parsePipelineInput({ dataset: { target: 'score' } });
  const table = { descriptor: file.fd, name: 'films.csv' };
  return readTable(table, dataset, frames, () => undefined, { ...TABLE_LIMITS, ...limits });
}

/** Three rows, 46 bytes. */
const FILMS = 'title,votes,score\nA,10,7.5\nB,30,6.5\nC,20,8.5\n';

test('a table may have as many rows as the limit, and no more', async ({ dir }) => {
  await expect(read(dir, FILMS, { rows: 3 })).resolves.toMatchObject({ facts: { rows: { loaded: 3 } } });
  await expect(read(dir, FILMS, { rows: 2 })).rejects.toMatchObject({
    name: 'DatasetError',
    facts: { what: 'the table is too large', where: 'films.csv', expected: 'at most 2 rows' },
  });
});

test('bad rows count among the rows of a table', async ({ dir }) => {
  await expect(read(dir, `${FILMS}D,1,2,3\n`, { rows: 3 })).rejects.toMatchObject({
    facts: { what: 'the table is too large' },
  });
});

test.for<[what: string, pack: (text: string) => string | Uint8Array]>([
  ['as it is', (text) => text],
  ['compressed', gzipSync],
])('the text of a file may be as long as the limit, and no longer: %s', async ([, pack], { dir }) => {
  const bytes = FILMS.length;
  await expect(read(dir, pack(FILMS), { bytes })).resolves.toMatchObject({ facts: { rows: { loaded: 3 } } });
  await expect(read(dir, pack(FILMS), { bytes: bytes - 1 })).rejects.toMatchObject({
    name: 'DatasetError',
    facts: { what: 'the table is too large', where: 'films.csv' },
  });
});

test('a row without an end is refused before it fills the memory, with its line', async ({ dir }) => {
  const endless = `${FILMS}${'x'.repeat(1_000_000)}`;
  await expect(read(dir, endless, { rowChars: 600_000 })).rejects.toMatchObject({
    name: 'DatasetError',
    facts: { what: 'a row is too long', where: 'films.csv:5', expected: 'at most 600000 characters' },
  });
});
