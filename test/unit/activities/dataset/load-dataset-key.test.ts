import { expect } from 'vitest';
import { loadCsv } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const HEADER = 'link,title,votes,,title,color,imdb_score\n';
const FILM = (i: number, link: string): string =>
  `${link},Film ${i},${100 - i ** 2},x${i},y${i},Color,${5 + i}\n`;
const FILMS = HEADER + [1, 2, 3].map((i) => FILM(i, `tt${i}`)).join('');

test('without a key, the named text columns that are filled and unique could be it', async ({ dir }) => {
  const { result } = await loadCsv(dir, FILMS);

  expect(result).toMatchObject({ keyColumn: null, keyless: 3, keyCandidates: ['link'] });
});

test('with a key, no column could be it, and the rows that lack it are counted', async ({ dir }) => {
  const { result, table } = await loadCsv(dir, FILMS + FILM(4, ' '), { key: 'link' });

  expect(result).toMatchObject({ keyColumn: 'link', keyless: 1, keyCandidates: [] });
  expect(table.keys.slice(0, 3)).toEqual(['tt1', 'tt2', 'tt3']);
  expect(table.keys[3]).toMatch(/^[0-9a-f]{64}$/);
});
