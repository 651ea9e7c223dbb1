import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createSplitDataset } from '../../../../src/activities/dataset/split-dataset.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { nodeDigests } from '../../../../src/adapters/digests.ts';
import { SPLITS } from '../../../../src/domain/names.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import { takeRows } from '../../../../src/domain/dataset/rating-table.ts';
import { runActivity } from '../../../support/unit/activity.ts';
import { loadCsv, loadFile } from '../../../support/unit/load-csv.ts';
import { engineWithRoom } from '../../../support/unit/forest.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import {
  loadRatingRows,
  numbersBelow,
  storeRatingTable,
  type RatingTable,
} from '../../../support/unit/rating-table.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const HEADER = 'movie_title,budget,imdb_score\n';
const FILMS = `${HEADER}Alien,11,8.5\nBrazil,15,7.9\n`;

test('features, target and rows of a plain file are loaded unchanged', async ({ dir }) => {
  const { result, table } = await loadCsv(dir, FILMS);

  expect(table).toMatchObject({
    features: ['budget'],
    target: 'imdb_score',
    rowIds: [2, 3],
    labels: ['Alien', 'Brazil'],
    columns: [[11, 15]],
    targets: [8.5, 7.9],
  });
  expect(result).toMatchObject({
    rows: { loaded: 2, kept: 2, dropped: 0 },
    features: ['budget'],
    target: 'imdb_score',
    keyColumn: null,
    gaps: [],
    leftOut: [{ column: 'movie_title' }],
    leftOutCount: 1,
    source: { path: 'films.csv', bytes: FILMS.length, sha256: nodeDigests.sha256(FILMS) },
  });
});

test.for<[string, string]>([
  ['CRLF line ends', FILMS.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\ufeff${FILMS}`],
  ['a byte order mark before a quote', `\ufeff${FILMS.replace('movie_title', '"movie_title"')}`],
  ['no line end at the end', FILMS.trimEnd()],
  ['blank lines in between', FILMS.replaceAll('\n', '\n\n  \n,,\n')],
  ['blank lines above the header', `\n,,\r\n${FILMS}`],
  ['spaces around the header’s names', FILMS.replace('budget', ' budget ')],
  ['everything in quotes', FILMS.replaceAll(/[^,\n]+/g, '"$&"')],
])('a file with %s loads as if it were plain', async ([, content], { dir }) => {
  const plain = await loadCsv(dir, FILMS);

  const { result, table } = await loadCsv(dir, content);

  expect(table).toEqual(plain.table);
  expect(result.rows).toEqual(plain.result.rows);
});

test('a quoted title may hold commas, quotes and line breaks', async ({ dir }) => {
  const { table } = await loadCsv(dir, `${HEADER}"Me, ""you""\nand them",1,5\nBrazil,15,7.9\n`);

  expect(table.labels).toEqual(['Me, "you"\nand them', 'Brazil']);
  expect(table.rowIds).toEqual([2, 3]);
});

test('a no-break space at the end of a title, as in IMDb’s file, is removed', async ({ dir }) => {
  expect((await loadCsv(dir, `${HEADER}Avatar\u00a0,237,7.9\nBrazil,15,7.8\n`)).table.labels).toEqual([
    'Avatar',
    'Brazil',
  ]);
});

test.for(['', 'x'])(
  'a character across two chunks of the file is kept whole (%j in front)',
  async (pad, { dir }) => {
    // Chunks have 64 KiB, and each character after the pad has two bytes.
    const title = pad + 'é'.repeat(100_000);

    const { table } = await loadCsv(dir, `${HEADER}${title},1,5\nBrazil,15,7.9\n`);

    expect(table.labels[0] === title).toBe(true);
  },
);

test('doubles are parsed bit for bit', async ({ dir }) => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const rating = fc.double({ noNaN: true, min: -1e150, max: 1e150 }).map((value) => value + 0);
  const rows = fc.uniqueArray(fc.tuple(double, rating), { minLength: 2, selector: ([, value]) => value });
  await fc.assert(
    fc.asyncProperty(rows, async (pairs) => {
      const lines = pairs.map(([value, target]) => `${value},${target}`).join('\n');
      const { table } = await loadCsv(dir, `budget,imdb_score\n${lines}\n`, { features: ['budget'] });

      expect(table.columns).toEqual([pairs.map(([value]) => value)]);
      expect(table.targets).toEqual(pairs.map(([, target]) => target));
    }),
    { numRuns: 25 },
  );
});

test.for<[cell: string, value: number]>([
  [' 7.5 ', 7.5],
  ['\u00a07\u00a0', 7],
  ['+4', 4],
  ['-.5', -0.5],
  ['5.', 5],
  ['1e3', 1_000],
  ['2.5E-3', 0.0025],
  ['007', 7],
])('the cell %j is the number %d', async ([cell, value], { dir }) => {
  const { table } = await loadCsv(dir, `budget,imdb_score\n${cell},5\n`, { features: ['budget'] });

  expect(table.columns).toEqual([[value]]);
});

test.for(['oops', 'inf', '-Infinity', '1e999', '0x1F', 'true', 'e5'])(
  'the cell %j is not a number: its row is dropped and reported',
  async (cell, { dir }) => {
    const { result, table } = await loadCsv(dir, `budget,imdb_score\n1,5\n${cell},6\n3,7\n`);

    expect(table).toMatchObject({ rowIds: [2, 4], columns: [[1, 3]], targets: [5, 7] });
    expect(result.rows).toEqual({ loaded: 3, kept: 2, dropped: 1, bad: 0, empty: 0, unreadable: 1 });
    expect(result.gaps).toEqual([
      { column: 'budget', missing: 0, unreadable: 1, firstUnreadable: { row: 3, text: cell } },
    ]);
  },
);

test.for(['', 'NA', 'nan', '\\N', '-', '?'])(
  'the cell %j is missing: its row is dropped and reported',
  async (cell, { dir }) => {
    const { result } = await loadCsv(dir, `budget,imdb_score\n1,5\n${cell},6\n3,7\n`);

    expect(result.rows).toEqual({ loaded: 3, kept: 2, dropped: 1, bad: 0, empty: 1, unreadable: 0 });
  },
);

test('a column that turns to text at row 600 stays a feature and loses only those rows', async ({ dir }) => {
  const lines = numbersBelow(1_000).map((i) => `${i < 600 || i >= 700 ? i % 99 : 'unknown'},${i % 10}`);

  const { result, table } = await loadCsv(dir, `budget,imdb_score\n${lines.join('\n')}\n`);

  expect(result.rows).toMatchObject({ loaded: 1_000, kept: 900, dropped: 100 });
  expect(result.gaps).toEqual([
    { column: 'budget', missing: 0, unreadable: 100, firstUnreadable: { row: 602, text: 'unknown' } },
  ]);
  expect(table.columns[0]).toEqual(
    numbersBelow(1_000)
      .filter((i) => i < 600 || i >= 700)
      .map((i) => i % 99),
  );
});

test('columns with gaps are reported worst first, empty and wrong cells apart', async ({ dir }) => {
  const csv = `a,b,c,imdb_score\n1,1,1,5\n2,,1,5\n3,${'x'.repeat(1_000)},,5\n4,4,4,\n5,5,5,5\n6,6,6,6\n`;

  const { result } = await loadCsv(dir, csv);

  expect(result.rows).toMatchObject({ loaded: 6, kept: 3, dropped: 3 });
  expect(result.gaps).toEqual([
    { column: 'b', missing: 1, unreadable: 1, firstUnreadable: { row: 4, text: 'x'.repeat(40) } },
    { column: 'c', missing: 1, unreadable: 0 },
    { column: 'imdb_score', missing: 1, unreadable: 0 },
  ]);
});

test('a very wide file makes neither the message nor the report long', async ({ dir }) => {
  const texts = numbersBelow(500).map((i) => `text_${i}`.padEnd(60, '_'));
  const numbers = numbersBelow(100).map((i) => `number_${i}`);
  const row = (number: string, score: number) =>
    [...texts.map(() => 'x'), ...numbers.map(() => number), score].join(',');
  const csv = [[...texts, ...numbers, 'imdb_score'].join(','), row('1', 5), row('2', 6), row('', 7)].join(
    '\n',
  );

  await expect(loadCsv(dir, csv, { target: 'score' })).rejects.toThrow(/^.{0,700}$/);
  const { result } = await loadCsv(dir, csv);
  expect(result.features).toEqual(numbers);
  expect(result.gaps.length).toBeLessThan(numbers.length);
  expect(JSON.stringify(result).length).toBeLessThan(16_000);
});

const IMDB = fileURLToPath(new URL('../../../../../shared/data/movie_metadata.csv', import.meta.url));

test.skipIf(!existsSync(IMDB))(
  'the IMDb file gives 3,801 films with 15 features, and no film in two splits',
  async () => {
    const { result, table, tables } = await loadFile(dirname(IMDB), { path: 'movie_metadata.csv' });

    expect(result.rows).toMatchObject({ loaded: 5_043, kept: 3_801, dropped: 5_043 - 3_801 });
    expect(result.features).toHaveLength(15);
    expect(result.keyColumn).toBe('movie_imdb_link');
    expect(table.columns.map((column) => column.length)).toEqual(result.features.map(() => 3_801));
    expect(table.columns.flat().every(Number.isFinite)).toBe(true);
    expect(table.labels.filter((label) => label !== label.trim() || label.includes('\ufffd'))).toEqual([]);
    await expectSplitsApart({ ...result, ...(await loadRatingRows(tables, result.table)) });
  },
);

async function expectSplitsApart(table: RatingTable): Promise<void> {
  const tables = createArrowTables(createMemoryArtifacts());
  const splitKeys = async (part: RatingTable) => {
    const ref = await storeRatingTable(tables, 'run', 'dataset', part);
    const activity = createSplitDataset({
      tables,
      digests: nodeDigests,
      engines: [engineWithRoom(Infinity)],
    });
    const { split, forest } = parsePipelineInput({});
    const { splits } = await runActivity(activity, { run: 'run', table: ref, split, forest });
    const read = async (split: (typeof SPLITS)[number]) => (await loadRatingRows(tables, splits[split])).keys;
    return Promise.all(SPLITS.map(read));
  };
  const keys = await splitKeys(table);
  const reversed = await splitKeys({
    ...table,
    ...takeRows(table, numbersBelow(table.keys.length).reverse()),
  });

  const films = keys.map((split) => new Set(split));
  expect(films.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(table.keys).size);
  expect(new Set(table.keys).size).toBeLessThan(table.keys.length);
  expect(reversed.map((split) => new Set(split))).toEqual(films);
}
