import { expect } from 'vitest';
import { DatasetError } from '../../../../src/domain/errors.ts';
import { loadCsv } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const HEADER = 'movie_title,budget,imdb_score\n';
const FILMS = `${HEADER}Alien,11,8.5\nBrazil,15,7.9\n`;

const MISSING_TITLE = 'Brazil,15\n';
test.for<[string, string | Uint8Array, object, string]>([
  ['an empty file', '', {}, 'the file is empty [films.csv]'],
  ['blank lines only', '\n \n\n', {}, 'the file is empty [films.csv]'],
  [
    'a header only',
    HEADER,
    {},
    'the file has a header but no rows [films.csv]: expected a header line and rows below it',
  ],
  [
    'a row that is too short',
    FILMS + MISSING_TITLE,
    {},
    'the CSV is malformed [films.csv:4]: expected 3 cells, as in the header, got 2',
  ],
  [
    'a row that is too long',
    `${FILMS}Up,1,2,3\n`,
    {},
    '[films.csv:4]: expected 3 cells, as in the header, got 4',
  ],
  [
    'a short row below blank lines and line breaks in quotes',
    `\n\n${HEADER}"A\nB",1,5\n\n${MISSING_TITLE}`,
    {},
    '[films.csv:7]',
  ],
  [
    'a short row in a file with CRLF and a byte order mark',
    `\ufeff${FILMS}${MISSING_TITLE}`.replaceAll('\n', '\r\n'),
    {},
    '[films.csv:4]',
  ],
  [
    'several short rows',
    FILMS + MISSING_TITLE + 'Up,1,5\n' + MISSING_TITLE.repeat(2),
    {},
    '[films.csv:4]: expected 3 cells, as in the header, got 2, and 2 more such rows from line 6 on',
  ],
  [
    'a range of corrupt rows',
    `${FILMS}${'x\n'.repeat(15)}Up,1,5\n`,
    {},
    'the CSV is malformed [films.csv lines 4–18]: expected 3 cells, as in the header, got 1. Correct the file',
  ],
  [
    'corrupt rows of different lengths, with a blank line among them',
    `${FILMS}x\n\nx,y,z,z\n`,
    {},
    '[films.csv lines 4–6]: expected 3 cells, as in the header, got 1 to 4. Correct the file',
  ],
  [
    'a quote that never ends',
    `${FILMS}"Up,1,5\n`,
    {},
    'the CSV is malformed [films.csv:4]: expected quotes around whole cells, doubled inside, got Quoted field unterminated',
  ],
  ['text after a closing quote', `${FILMS}"Up"!,1,5\n`, {}, '[films.csv:4]'],
  [
    'a column name twice',
    `budget,${HEADER}1,Up,1,5\n`,
    {},
    'column "budget" appears twice [films.csv:1]: expected every column name once',
  ],
  [
    'a column name twice except for spaces, below a blank line',
    `\nbudget ,${HEADER}1,Up,1,5\n`,
    {},
    'column "budget" appears twice [films.csv:2]',
  ],
  ['two columns without a name', ',,imdb_score\n1,2,3\n', {}, 'two columns have no name [films.csv:1]'],
  [
    'a semicolon between the fields',
    FILMS.replaceAll(',', ';'),
    {},
    'column "imdb_score" is missing [films.csv]: got columns movie_title;budget;imdb_score',
  ],
  [
    'no target column',
    FILMS,
    { target: 'score' },
    'column "score" is missing [films.csv]: got columns movie_title, budget, imdb_score',
  ],
  [
    'no such key column',
    FILMS,
    { key: 'id' },
    'column "id" is missing [films.csv]: got columns movie_title, budget, imdb_score',
  ],
  ['no such feature', FILMS, { features: ['budget', 'gross'] }, 'column "gross" is missing [films.csv]'],
  [
    'no numeric feature',
    'movie_title,imdb_score\nUp,8\n',
    {},
    'no numeric feature [films.csv]: expected a mostly numeric column besides "imdb_score", got columns movie_title, imdb_score',
  ],
  [
    'a target that is text',
    FILMS,
    { target: 'movie_title' },
    'got 0 of 2 rows; most gaps: "movie_title" 0 empty, 2 not a number',
  ],
  [
    'a gap in every row',
    `${HEADER}Up,1,\nAlien,,5\nBrazil,2,\n`,
    {},
    'every row was dropped [films.csv]: expected rows with a finite number in every used column, got 0 of 3 rows; most gaps: "imdb_score" 2 empty, 0 not a number; "budget" 1 empty, 0 not a number',
  ],
  [
    'Latin-1',
    Buffer.from(FILMS.replace('Alien', 'Amélie'), 'latin1'),
    {},
    'not a CSV [films.csv:2]: expected UTF-8 text, got another encoding',
  ],
  [
    'UTF-16',
    Buffer.from(`\ufeff${FILMS}`, 'utf16le'),
    {},
    'not a CSV [films.csv lines 1–4]: expected UTF-8 text, got binary data',
  ],
  [
    'rows of bytes that are not text',
    Buffer.concat([Buffer.from(FILMS), Buffer.from([0xff, 0x0a, 0xfe, 0x0a]), Buffer.from('Up,1,5\n')]),
    {},
    'not a CSV [films.csv lines 4–5]: expected UTF-8 text, got another encoding',
  ],
  [
    'a binary file',
    Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 8, 0]),
    {},
    'not a CSV [films.csv:1]: expected UTF-8 text, got binary data',
  ],
])('%s is a DatasetError that says where and what', async ([, content, dataset, message], { dir }) => {
  const failure = loadCsv(dir, content, dataset);

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow(message);
});
