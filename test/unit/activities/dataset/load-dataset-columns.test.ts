import { expect } from 'vitest';
import { loadCsv } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const HEADER = 'movie_title,budget,imdb_score\n';
const FILMS = `${HEADER}Alien,11,8.5\nBrazil,15,7.9\n`;

test('a title column is not a feature, even if a film is called "300"', async ({ dir }) => {
  const { result } = await loadCsv(
    dir,
    `${HEADER}300,65,7.6\n1941,35,5.8\nAlien,11,8.5\nBrazil,15,7.9\nUp,175,8.2\n`,
  );

  expect(result).toMatchObject({
    features: ['budget'],
    leftOut: [{ column: 'movie_title' }],
    rows: { kept: 5 },
  });
});

test('a column with as many texts as numbers, or an empty one, is not a feature', async ({ dir }) => {
  const { result } = await loadCsv(dir, 'half,empty,budget,imdb_score\n1,,5,5\nx,,6,6\n');

  expect(result).toMatchObject({
    features: ['budget'],
    leftOut: [{ column: 'half' }, { column: 'empty' }],
    rows: { kept: 2 },
  });
});

test('features are taken in the order named; gaps in other columns drop no row', async ({ dir }) => {
  const { table, result } = await loadCsv(dir, 'a,b,c,imdb_score\n1,2,,5\n3,4,oops,6\n', {
    features: ['b', 'a'],
  });

  expect(table).toMatchObject({
    features: ['b', 'a'],
    columns: [
      [2, 4],
      [1, 3],
    ],
  });
  expect(result).toMatchObject({ rows: { kept: 2 }, leftOut: [{ column: 'c' }], gaps: [] });
});

test('a column may be named like a property of every data frame or object', async ({ dir }) => {
  const names = [
    'index',
    'values',
    'shape',
    'columns',
    'column',
    'dtypes',
    'loc',
    'iloc',
    'constructor',
    '__proto__',
    '1999',
  ];
  const csv = `${names.join(',')},imdb_score\n${names.map((_, i) => i).join(',')},5\n${names.map(() => -1).join(',')},6\n`;

  const { table } = await loadCsv(dir, csv);

  expect(table.features).toEqual(names);
  expect(table.columns).toEqual(names.map((_, i) => [i, -1]));
});

test('the key column identifies films; a row without a key is identified by its cells', async ({ dir }) => {
  const csv = 'id,budget,imdb_score\ntt1,1,5\n tt1 ,2,6\n,3,7\n,4,8\n,4,8\n';

  const { table, result } = await loadCsv(dir, csv, { key: 'id' });

  expect(result).toMatchObject({ keyColumn: 'id', features: ['budget'] });
  expect(table.keys.slice(0, 2)).toEqual(['tt1', 'tt1']);
  const [third, fourth, fifth] = table.keys.slice(2);
  expect(third).toMatch(/^[0-9a-f]{64}$/);
  expect(fourth).not.toBe(third);
  expect(fifth).toBe(fourth);
});

test('movie_imdb_link is the key if it exists, and never a feature', async ({ dir }) => {
  const { table, result } = await loadCsv(dir, 'movie_imdb_link,budget,imdb_score\n499549,1,5\n449088,2,6\n');

  expect(result).toMatchObject({ keyColumn: 'movie_imdb_link', features: ['budget'] });
  expect(table.keys).toEqual(['499549', '449088']);
});

test('without a key column two rows are one film only if all their cells are equal', async ({ dir }) => {
  const rows = ['Up,x,1,5', 'Up ,x,1,5', 'Up,x,2,5', '"Up,x",y,1,5', 'Up,"x,y",1,5', 'A,x,1,6'];

  const { keys } = (await loadCsv(dir, `movie_title,genres,budget,imdb_score\n${rows.join('\n')}\n`)).table;

  expect(keys).toHaveLength(rows.length);
  expect(keys[1]).toBe(keys[0]);
  expect(new Set(keys).size).toBe(rows.length - 1);
});

test.for(['imdb_score', 'budget'])('the key may be a column that is also used: %s', async (key, { dir }) => {
  const { table } = await loadCsv(dir, FILMS, { key, features: ['budget'] });

  expect(table.keys).toEqual(key === 'budget' ? ['11', '15'] : ['8.5', '7.9']);
});

test('the key may be the target while features are chosen automatically', async ({ dir }) => {
  expect((await loadCsv(dir, FILMS, { key: 'imdb_score' })).table).toMatchObject({
    keys: ['8.5', '7.9'],
    features: ['budget'],
    targets: [8.5, 7.9],
  });
});

test('an index, a constant and a sparse column are left out, each with its reason', async ({ dir }) => {
  const rows = Array.from({ length: 20 }, (_, i) => [i, i % 3, 7, i === 3 ? 1 : '', `film ${i}`, i % 4]);
  const csv = [['', 'a', 'same', 'oscars', 'title', 'imdb_score'], ...rows].join('\n');

  const { result } = await loadCsv(dir, csv);

  expect(result).toMatchObject({ features: ['a'], rows: { kept: 20 }, leftOutCount: 4 });
  expect(result.leftOut.map(({ column, sample }) => [column, sample])).toEqual([
    ['', '0'],
    ['same', '7'],
    ['oscars', '1'],
    ['title', 'film 0'],
  ]);
});

test('columns of one name are left out and named, if the input names neither', async ({ dir }) => {
  const { result } = await loadCsv(dir, 'a,gross,gross,,,imdb_score\n1,2,3,x,y,5\n2,3,4,z,w,6\n');

  expect(result).toMatchObject({ features: ['a'], rows: { kept: 2 } });
  expect(result.leftOut.slice(0, 2)).toEqual([
    { column: 'gross', reason: 'another column has the same name', sample: '2' },
    { column: 'gross', reason: 'another column has the same name', sample: '3' },
  ]);
});

test('without a header line, columns are called column1, column2, …', async ({ dir }) => {
  const { result, table } = await loadCsv(dir, 'Alien,11,8.5\nBrazil,15,7.9\n', {
    header: false,
    target: 'column3',
    key: 'column1',
  });

  expect(table).toMatchObject({
    features: ['column2'],
    keys: ['Alien', 'Brazil'],
    rowIds: [1, 2],
    targets: [8.5, 7.9],
  });
  expect(result.dialect.header).toBe(false);
});

test.for(['title', 'primaryTitle', 'name'])('rows are labelled with the column %s', async (name, { dir }) => {
  const { table } = await loadCsv(dir, `${name},a,imdb_score\nAlien,1,5\n,2,6\n`);

  expect(table.labels).toEqual(['Alien', 'row 3']);
});
