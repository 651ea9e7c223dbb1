import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRowSplitter } from '../../../../../src/domain/dataset/csv/row-splitter.ts';
import { MAX_CELL_CHARS } from '../../../../../src/domain/dataset/limits.ts';

interface Split {
  readonly rows: string[][];
  readonly lines: number[];
  readonly bad: [line: number, problem: string][];
}

/** @param sizes lengths of the pieces that the text is handed in as; the last one repeats */
function split(
  text: string,
  { delimiter = ',', quote = '"', comment, sizes = [text.length || 1] }: Options = {},
): Split {
  const result: Split = { rows: [], lines: [], bad: [] };
  const splitter = createRowSplitter({
    delimiter,
    quote,
    comment,
    onRow(row, line) {
      splitter.width ||= row.length;
      result.rows.push(row.cells());
      result.lines.push(line);
    },
    onMalformed: (problem, line) => void result.bad.push([line, problem]),
  });
  for (let from = 0, i = 0; from < text.length; i += 1) {
    const size = sizes[Math.min(i, sizes.length - 1)] as number;
    splitter.push(text.slice(from, from + size));
    from += size;
  }
  splitter.end();
  return result;
}

interface Options {
  readonly delimiter?: string;
  readonly quote?: string;
  readonly comment?: string;
  readonly sizes?: readonly number[];
}

test.for<[what: string, text: string, rows: string[][]]>([
  [
    'LF, CRLF and CR',
    'a,b\n1,2\r\n3,4\r5,6',
    [
      ['a', 'b'],
      ['1', '2'],
      ['3', '4'],
      ['5', '6'],
    ],
  ],
  [
    'no line end at the end',
    'a,b\n1,',
    [
      ['a', 'b'],
      ['1', ''],
    ],
  ],
  [
    'blank lines',
    '\n \na,b\n\n , \n1,2\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'delimiters, quotes and line ends in quotes',
    'a,b\n"1,""2""\n3",4\n',
    [
      ['a', 'b'],
      ['1,"2"\n3', '4'],
    ],
  ],
  [
    'a quote inside an unquoted cell',
    'a,b\n5" disk,x"y\n',
    [
      ['a', 'b'],
      ['5" disk', 'x"y'],
    ],
  ],
  [
    'text after a quoted part',
    'a,b\n"Crocodile" Dundee,1\n',
    [
      ['a', 'b'],
      ['"Crocodile" Dundee', '1'],
    ],
  ],
  [
    'spaces after a closing quote',
    'a,b\n"1" ,"2"\t\n',
    [
      ['a', 'b'],
      ['1', '2'],
    ],
  ],
  [
    'empty quoted cells',
    'a,b\n"",""\n"x",""\n',
    [
      ['a', 'b'],
      ['x', ''],
    ],
  ],
  ['short rows', 'a,b\n1\n', [['a', 'b'], ['1']]],
])('%s are read as people mean them', ([, text, rows]) => {
  expect(split(text)).toMatchObject({ rows, bad: [] });
});

test('lines are counted as editors count them', () => {
  const text = 'a,b\r\n"1\r\n2\n3",4\n\n5,6\r7,8\n';

  expect(split(text).lines).toEqual([1, 2, 6, 7]);
});

test('lines that begin with the comment’s mark are skipped, also before the header', () => {
  const { rows, lines } = split('# x\n#"y\na,b\n1,#2\n#3,4\n', { comment: '#' });

  expect(rows).toEqual([
    ['a', 'b'],
    ['1', '#2'],
  ]);
  expect(lines).toEqual([3, 4]);
});

test.for<[what: string, text: string, rows: string[][], bad: [number, string][]]>([
  [
    'at the end of the file',
    'a,b\n1,2\n"3,4\n5,6\n',
    [
      ['1', '2'],
      ['5', '6'],
    ],
    [[3, 'a quote that is not closed']],
  ],
  [
    'up to the next quote',
    'a,b\n1,2\n"3,4\n5,6\n"x",8\n',
    [
      ['1', '2'],
      ['5', '6'],
      ['x', '8'],
    ],
    [[3, 'text after a closing quote']],
  ],
  [
    'and its row has too many cells',
    'a,b\n"3,4\n5,6\n",7,8\n9,9\n',
    [
      ['5', '6'],
      ['9', '9'],
    ],
    [
      [2, '3 cells'],
      [4, 'a quote that is not closed'],
    ],
  ],
  [
    'for longer than a cell can be',
    `a,b\n"3,4\n${'5,6\n'.repeat(MAX_CELL_CHARS)}`,
    Array.from({ length: MAX_CELL_CHARS }, () => ['5', '6']),
    [[2, 'a quote that is not closed']],
  ],
])('a quote that is open %s costs its line only', ([, text, rows, bad]) => {
  const found = split(text, { sizes: [65_536] });

  expect(found.bad).toEqual(bad);
  expect(found.rows.slice(1)).toEqual(rows);
});

test.for<[what: string, text: string]>([
  ['in neighbouring rows', 'a,b,c,d,e,f\n0,0,0,0,0,0\n1,"2,3,4,5,6\n1,2",3,4,5,6\n7,7,7,7,7,7\n'],
  [
    'with rows between them',
    'a,b,c,d,e,f\n0,0,0,0,0,0\n1,"2,3,4,5,6\r\n8,8,8,8,8,8\r\n1,2",3,4,5,6\n7,7,7,7,7,7\n',
  ],
])('two quotes by mistake in one column cost their own lines only: %s', ([, text]) => {
  const whole = /^(\d)(,\1){5}$/;
  const lines = text.split(/\r?\n/);
  const { rows, bad } = split(text);

  expect(rows.slice(1)).toEqual(lines.filter((line) => whole.test(line)).map((line) => line.split(',')));
  expect(bad.map(([line]) => lines[line - 1])).toEqual(['1,"2,3,4,5,6', '1,2",3,4,5,6']);
});

test('a text with line breaks and delimiters stays one cell', () => {
  const { rows, bad } = split('a,b,c,d,e,f\n1,2,3,4,5,"one, two,\nthree,\n4, 5, 6, 7, 8, 9"\n');

  expect(rows[1]?.[5]).toBe('one, two,\nthree,\n4, 5, 6, 7, 8, 9');
  expect(bad).toEqual([]);
});

test('what a malformed cell has covered is read again, and nothing in it is tolerated', () => {
  const { rows, bad } = split('a,b,c\n"A\nB"!,1,5\nshort\nC,2,6\n');

  expect(rows.slice(1)).toEqual([['short'], ['C', '2', '6']]);
  expect(bad).toEqual([
    [2, 'text after a closing quote'],
    [3, 'text after a closing quote'],
  ]);
});

const cell = fc.string({
  unit: fc.constantFrom('a', '1', ' ', ',', ';', '"', "'", '\n', '\r', '\r\n', 'é', '火', '💥'),
  maxLength: 8,
});

test('rows do not depend on where the text is cut into pieces', () => {
  const anyText = fc.array(cell, { maxLength: 30 }).map((cells) => cells.join(''));
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(anyText, sizes, (text, pieces) => {
      expect(split(text, { sizes: pieces })).toEqual(split(text));
    }),
    { numRuns: 2_000 },
  );
});

test('every table that is quoted correctly is read back, cell by cell', () => {
  const tables = fc.integer({ min: 2, max: 5 }).chain((width) =>
    fc.record({
      rows: fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }),
      delimiter: fc.constantFrom(',', ';', '\t', '|'),
      quote: fc.constantFrom('"', "'"),
      lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
      sizes: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    }),
  );
  fc.assert(
    fc.property(tables, ({ rows, delimiter, quote, lineEnd, sizes }) => {
      const text = rows
        .map((cells) =>
          cells.map((text) => quote + text.replaceAll(quote, quote + quote) + quote).join(delimiter),
        )
        .join(lineEnd);
      const { rows: read, bad } = split(text, { delimiter, quote, sizes });

      expect(bad).toEqual([]);
      expect(read).toEqual(rows.filter((cells) => cells.some((text) => text.trim() !== '')));
    }),
    { numRuns: 1_000 },
  );
});
