import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createCsvReader } from '../../../../src/adapters/csv/reader.ts';
import { DatasetError } from '../../../../src/domain/errors.ts';
import type { RatingRows } from '../../../../src/domain/dataset/rating-table.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const { dataset: OPTIONS } = parsePipelineInput({});
const ROWS = 20_000;
const FILMS = `budget,imdb_score\n${Array.from({ length: ROWS }, (_, i) => `${(i * 7) % 1_000},${i % 10}`).join('\n')}\n`;

function openReader() {
  const reader = createCsvReader();
  onTestFinished(() => reader.close());
  return reader;
}

async function openFile(dir: string, content: string, name = 'films.csv') {
  const path = join(dir, name);
  await writeFile(path, content);
  const handle = await open(path);
  onTestFinished(() => handle.close());
  return { name, descriptor: handle.fd };
}

test('a thread reads file after file, and hands out rows batch by batch', async ({ dir }) => {
  const reader = openReader();
  const file = await openFile(dir, FILMS);
  const { signal } = new AbortController();
  const reported: number[] = [];

  for (let i = 0; i < 3; i += 1) {
    const read = await reader.read(file, OPTIONS, signal, (rows) => reported.push(rows));
    const batches: RatingRows[] = [];
    for await (const rows of read.rows()) batches.push(rows);
    await read.close();

    expect(batches.length).toBeGreaterThan(1);
    expect(batches.flatMap(({ targets }) => [...targets])).toEqual(
      Array.from({ length: ROWS }, (_, row) => row % 10),
    );
    expect(read).toMatchObject({ bytes: FILMS.length, facts: { rows: { kept: ROWS } } });
  }
  expect(reported.every((rows) => rows > 0 && rows <= ROWS)).toBe(true);
});

test('errors keep their class and facts on their way out of the thread', async ({ dir }) => {
  const reader = openReader();
  const file = await openFile(dir, 'a,b\n1,2\n');
  const failure = reader.read(file, OPTIONS, new AbortController().signal, () => undefined);

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow('column "imdb_score" is missing [films.csv]');
});

test('an abort ends the reading, and the reader reads on', async ({ dir }) => {
  const reader = openReader();
  const file = await openFile(dir, FILMS);
  const controller = new AbortController();
  const aborted = reader.read(file, OPTIONS, controller.signal, () => undefined);
  controller.abort(new Error('cancelled'));
  await expect(aborted).rejects.toThrow('cancelled');

  const read = await reader.read(file, OPTIONS, new AbortController().signal, () => undefined);
  expect(read.facts.rows.kept).toBe(ROWS);
  await read.close();
});

test('small files are read one after another, and do not wait for a large one', async ({ dir }) => {
  const reader = openReader();
  const small = await openFile(dir, FILMS);
  const large = await openFile(dir, FILMS + '\n'.repeat(17e6), 'large.csv');
  const { signal } = new AbortController();
  const held = await reader.read(small, OPTIONS, signal, () => undefined);
  let isSecondOpen = false;
  const second = reader
    .read(small, OPTIONS, signal, () => undefined)
    .then((read) => {
      isSecondOpen = true;
      return read.close();
    });

  const alone = await reader.read(large, OPTIONS, signal, () => undefined);
  expect(alone.facts.rows.kept).toBe(ROWS);
  expect(isSecondOpen).toBe(false);
  await held.close();
  await second;
  await alone.close();
});

test('any number of files is read', async ({ dir }) => {
  const reader = openReader();
  const file = await openFile(dir, FILMS);
  const reads = Array.from({ length: 5 }, async () => {
    const read = await reader.read(file, OPTIONS, new AbortController().signal, () => undefined);
    await read.close();
    return read.facts.rows.kept;
  });

  expect(await Promise.all(reads)).toEqual(reads.map(() => ROWS));
});
