import { expect, test } from 'vitest';
import { sniffDialect, type GivenDialect } from '../../../../../src/domain/dataset/csv/sniff.ts';

const FILMS = 'title,year,score\nAlien,1979,8.5\nBrazil,1985,7.9\n';
const given = (more: Partial<GivenDialect> = {}): GivenDialect => ({
  header: true,
  named: ['score'],
  ...more,
});
const apart = (delimiter: string): string => FILMS.replaceAll(',', delimiter);

test.for<[what: string, text: string, delimiter: string, quote?: string]>([
  ['commas', FILMS, ','],
  ['semicolons', apart(';'), ';'],
  ['tabs', apart('\t'), '\t'],
  ['pipes', apart('|'), '|'],
  ['semicolons, and commas as decimal signs', apart(';').replaceAll('.', ','), ';'],
  ['commas, and semicolons in most cells', FILMS.replaceAll(/(Alien|Brazil)/g, '$1;A;B'), ','],
  ['tabs, and commas in the header', 'title, original\tscore\nAlien\t8.5\n', '\t'],
  ['a delimiter in quotes', '"title;a";score\n"x;y";1\n"x";2\n', ';'],
  ['one column', 'score\n1\n2\n', ','],
  ['one column of decimal commas', 'score\n1,5\n2,5\n', ';'],
  ['commas, and a few rows of other lengths', `${FILMS.repeat(10)}a,b\na,b,c,d\n`, ','],
  ['commas, and a target that is missing', FILMS.replace('score', 'rating'), ','],
  ['commas, and a header only', 'title,score', ','],
  ['semicolons at the end of each line, too', apart(';').replaceAll('\n', ';\n'), ';'],
  ['apostrophes as quotes', "'title','score'\n'A, B','1'\n'It''s','2'\n", ',', "'"],
  ['apostrophes around text only', "title,score\n'A, B',1\n'C',2\n'D',3\n", ',', "'"],
  ['apostrophes that begin a few titles', `${FILMS}'Tis,1999,5\n'Night Mother',1986,7\n`, ','],
  ['nothing', '', ','],
])('the dialect is found by looking: %s', ([, text, delimiter, quote = '"']) => {
  expect(sniffDialect(text, given())).toEqual({ delimiter, quote, separatorChars: 0 });
});

test.for(['sep=;\r\n', 'SEP=;\n', '"sep=;"\n'])('a first line like %j names the delimiter', (line) => {
  expect(sniffDialect(line + apart(';'), given())).toEqual({
    delimiter: ';',
    quote: '"',
    separatorChars: line.length,
  });
});

test('a delimiter that the input names is taken as it is', () => {
  expect(sniffDialect(FILMS, given({ delimiter: ';' })).delimiter).toBe(';');
});

test('comments and a missing header do not mislead', () => {
  const comments = '#,,,,\n#;a;b\n'.repeat(5) + apart(';');
  expect(sniffDialect(comments, given({ comment: '#' })).delimiter).toBe(';');

  const rows = apart('\t').split('\n').slice(1).join('\n');
  expect(sniffDialect(rows, given({ header: false, named: ['column3'] })).delimiter).toBe('\t');
});
