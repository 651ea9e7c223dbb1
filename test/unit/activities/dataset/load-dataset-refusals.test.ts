import { gzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { DatasetError, InvalidInput } from '../../../../src/domain/errors.ts';
import { loadCsv } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

const HEADER = 'movie_title,budget,imdb_score\n';
const FILMS = `${HEADER}Alien,11,8.5\nBrazil,15,7.9\n`;

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
    'a row that is too long',
    `${FILMS}Up,1,2,3\n`,
    {},
    'too many bad rows [films.csv:4]: expected at most 1 % (dataset.maxBadRows), got 1 of 3 rows, the first with 4 cells instead of 3 (lines 4)',
  ],
  [
    'a long row below blank lines and line breaks in quotes',
    `\n\n${HEADER}"A\nB",1,5\n\nUp,1,2,3\n`,
    {},
    '[films.csv:7]',
  ],
  [
    'a long row in a file with CRLF and a byte order mark',
    `\ufeff${FILMS}Up,1,2,3\n`.replaceAll('\n', '\r\n'),
    {},
    '[films.csv:4]',
  ],
  ['a long row in a file with CR', `${FILMS}Up,1,2,3\n`.replaceAll('\n', '\r'), {}, '[films.csv:4]'],
  ['a long row below a line sep=;', `sep=;\n${FILMS}Up,1,2,3\n`.replaceAll(',', ';'), {}, '[films.csv:5]'],
  [
    'a share of bad rows above the limit',
    `${FILMS}x,1,2,3\n\n"Up,1,5\n`,
    { maxBadRows: 0.4 },
    'expected at most 40 % (dataset.maxBadRows), got 2 of 4 rows, the first with 4 cells instead of 3 (lines 4, 6)',
  ],
  [
    'many bad rows',
    FILMS + 'x,y,z,z\n'.repeat(5_000),
    {},
    'got 5,000 of 5,002 rows, the first with 4 cells instead of 3 (lines 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, …). Correct',
  ],
  [
    'a quote that never ends',
    `${FILMS}"Up,1,5\n`,
    {},
    'too many bad rows [films.csv:4]: expected at most 1 % (dataset.maxBadRows), got 1 of 3 rows, the first with a quote that is not closed',
  ],
  ['a quote in the header that never ends', `"${FILMS}`, {}, 'the header is malformed [films.csv:1]'],
  [
    'a target name that appears twice',
    `imdb_score,${HEADER}1,Up,1,5\n`,
    {},
    'column "imdb_score" appears twice [films.csv:1]: expected every column that the input names once',
  ],
  [
    'a feature’s name twice except for spaces, below a blank line',
    `\nbudget ,${HEADER}1,Up,1,5\n`,
    { features: ['budget'] },
    'column "budget" appears twice [films.csv:2]',
  ],
  [
    'rows without a header',
    FILMS.slice(HEADER.length),
    {},
    'column "imdb_score" is missing [films.csv]: got columns Alien, 11, 8.5. Name one of these in dataset.target, dataset.features or dataset.key; if they are a row, set dataset.header to false',
  ],
  [
    'rows of numbers without a header',
    '1999,7.5\n2001,8\n',
    {},
    'the header consists of numbers [films.csv:1]: expected column names, with "imdb_score" among them, got 1999, 7.5. If the file has no header line, set dataset.header to false',
  ],
  [
    'comments above the header',
    `# from the archive\n${FILMS}`,
    {},
    'got columns # from the archive. If lines that begin with "#" are comments, set dataset.comment to "#"',
  ],
  [
    'a target that is always the same',
    `${HEADER}Up,1,5\nAlien,2,5\n`,
    {},
    'the target "imdb_score" is constant: nothing to learn [films.csv]: expected different numbers, got 5 in each of 2 rows',
  ],
  [
    'a target whose squares overflow',
    `${HEADER}Up,1,5\nAlien,2,-1e200\n`,
    {},
    'the target "imdb_score" is too large to learn: squared errors overflow [films.csv]: expected numbers within ±1e+150, got -1e+200 to 5',
  ],
  [
    'a feature that is text',
    FILMS,
    { features: ['movie_title'] },
    'column "movie_title" cannot be read as numbers [films.csv]: expected numbers, as dataset.features names it',
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
    'movie_title,same,imdb_score\nUp,1,8\nAlien,1,7\n',
    {},
    'no numeric feature [films.csv]: expected a mostly numeric column besides "imdb_score", got columns "movie_title" (text), "same" (constant: every number is 1)',
  ],
  [
    'a target that is text',
    FILMS,
    { target: 'movie_title' },
    'column "movie_title" cannot be read as numbers [films.csv]: expected numbers, as dataset.target names it, got 0 of 2 cells empty, 2 no number, the first "Alien"',
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
    'not a CSV [films.csv:2]: expected utf-8 text, got another encoding: 0xe9 at byte 32 is no character. Export the table as CSV in UTF-8, or set dataset.encoding, for example to "windows-1252"',
  ],
  [
    'bytes that are not text, far down in the file',
    Buffer.concat([Buffer.from(FILMS.repeat(20_000)), Buffer.from([0xff, 0x0a]), Buffer.from('Up,1,5\n')]),
    {},
    'not a CSV [films.csv:60001]: expected utf-8 text, got another encoding',
  ],
  [
    'UTF-16 that is cut in the middle of a character',
    Buffer.from(`\ufeff${FILMS}`, 'utf16le').subarray(0, -1),
    {},
    'not a CSV [films.csv:3]: expected utf-16le text',
  ],
  [
    'a binary file',
    Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 8, 0, 0xff]),
    {},
    'not a CSV [films.csv:1]: expected text, got binary data',
  ],
  [
    'a zero byte far down in the file',
    `${FILMS.repeat(20_000)}Up\0,1,5\n`,
    {},
    'not a CSV [films.csv:60001]: expected text, got binary data',
  ],
  [
    'gzip data that are cut off',
    gzipSync(FILMS.repeat(20_000)).subarray(0, -20),
    {},
    'the gzip data are damaged or cut off [films.csv]: got unexpected end of file',
  ],
  [
    'a cell that is as long as no cell is, and its row among few',
    `${FILMS}${'x'.repeat(131_073)},1,5\n`,
    {},
    'got 1 of 3 rows, the first with a cell of more than 131072 characters (lines 4)',
  ],
  [
    'more columns than the limit',
    `${Array.from({ length: 5_000 }, (_, i) => `c${i}`).join()}\n${'1,'.repeat(4_999)}1\n`,
    {},
    'too many columns [films.csv:1]: expected at most 4096, got 5000',
  ],
])('%s is a DatasetError that says where and what', async ([, content, dataset, message], { dir }) => {
  const failure = loadCsv(dir, content, dataset);

  await expect(failure).rejects.toThrow(DatasetError);
  await expect(failure).rejects.toThrow(message);
});

test('an encoding that does not exist is an InvalidInput', async ({ dir }) => {
  const failure = loadCsv(dir, FILMS, { encoding: 'latin-17' });

  await expect(failure).rejects.toThrow(InvalidInput);
  await expect(failure).rejects.toThrow('dataset.encoding is unknown: expected a name of an encoding');
});
