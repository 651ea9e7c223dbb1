import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadFile } from '../../../support/unit/load-csv.ts';

/** Files that users sent, which are not part of this repository. */
const CASES = fileURLToPath(new URL('../../../../../shared/cases', import.meta.url));
const FILM_COLUMNS = ['year', 'runtime', 'votes', 'budget'];

test.skipIf(!existsSync(CASES)).for<[file: string, input: object, kept: number, features?: string[]]>([
  ['votes-mixed.csv', {}, 800],
  ['thousands.csv', {}, 400],
  ['currency.csv', {}, 400],
  ['percent.csv', {}, 400, ['year', 'runtime', 'votes', 'critics']],
  ['decimalcomma-quoted.csv', {}, 400],
  ['semicolon-decimalcomma.csv', {}, 400],
  ['tab.tsv', {}, 400],
  ['sparse97.csv', {}, 1_500],
  ['short-row.csv', {}, 399],
  ['comment.csv', { comment: '#' }, 400],
  ['crocodile.csv', {}, 400],
  ['base.csv.gz', {}, 400],
  ['utf16.csv', {}, 400],
  ['cp1252.csv', { encoding: 'windows-1252' }, 400],
  ['pandas-index.csv', {}, 400],
  ['imdb-N.csv', { target: 'averageRating' }, 400, ['startYear', 'numVotes']],
  ['numeric-header.csv', { target: '2022' }, 400, ['2019', '2020', '2021', 'true']],
])('a user’s %s is read with %j', async ([path, input, kept, features = FILM_COLUMNS]) => {
  const { result } = await loadFile(CASES, { path, target: 'score', ...input });

  expect(result.rows).toMatchObject({ kept, bad: 0 });
  expect(result.features).toEqual(features);
});

test.skipIf(!existsSync(CASES)).for<[file: string, message: string]>([
  ['constant.csv', 'nothing to learn'],
  ['huge-target.csv', 'squared errors overflow'],
  ['cp1252.csv', 'set dataset.encoding, for example to "windows-1252"'],
  ['comment.csv', 'set dataset.comment to "#"'],
])('a user’s %s is refused: %s', async ([path, message]) => {
  await expect(loadFile(CASES, { path, target: 'score' })).rejects.toThrow(message);
});
