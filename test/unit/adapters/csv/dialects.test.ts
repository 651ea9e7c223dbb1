import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect } from 'vitest';
import { loadCsv } from '../../../support/unit/load-csv.ts';
import { test } from '../../../support/unit/temp-dir.ts';

interface Dialect {
  readonly delimiter: string;
  readonly quoting: 'all' | 'where needed';
  readonly lineEnd: string;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly mark: boolean;
  readonly gzip: boolean;
  readonly decimal: '.' | ',';
  readonly separatorLine: boolean;
  readonly blankLines: boolean;
}

const dialects: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quoting: fc.constantFrom('all', 'where needed'),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  encoding: fc.constantFrom('utf-8', 'utf-16le', 'utf-16be', 'windows-1252'),
  mark: fc.boolean(),
  gzip: fc.boolean(),
  decimal: fc.constantFrom('.', ','),
  separatorLine: fc.boolean(),
  blankLines: fc.boolean(),
});

const title = fc
  .string({ unit: fc.constantFrom('A', 'é', '–', ' ', ',', ';', '|', '"', '\n', "'"), maxLength: 6 })
  .map((text) => `T${text.trim()}`);
const number = fc.integer({ min: -9_999, max: 9_999 }).map((value) => value / 8);
const films = fc.uniqueArray(fc.tuple(title, number, number), {
  minLength: 20,
  maxLength: 60,
  selector: ([, , score]) => score,
});

type Film = readonly [title: string, budget: number, score: number];

function write(rows: readonly Film[], dialect: Dialect): Uint8Array {
  const { delimiter, quoting, lineEnd, encoding, mark, gzip, decimal, separatorLine, blankLines } = dialect;
  const needsQuotes = (cell: string): boolean =>
    quoting === 'all' || cell.includes(delimiter) || /["\r\n]/.test(cell);
  const toCell = (cell: string): string => (needsQuotes(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  // Not three decimals: a column of such numbers alone could also be of thousands, and is refused.
  const toText = (value: number): string => value.toFixed(4).replace('.', decimal);
  const lines = [
    ...(separatorLine ? [`sep=${delimiter}`] : []),
    ['title', 'budget', 'score'].map(toCell).join(delimiter),
    ...rows.map(([name, budget, score]) => [name, toText(budget), toText(score)].map(toCell).join(delimiter)),
  ];
  const text = lines.join(blankLines ? lineEnd + lineEnd : lineEnd) + lineEnd;
  const bytes = encode((mark && encoding !== 'windows-1252' ? '\ufeff' : '') + text, encoding);
  return gzip ? gzipSync(bytes) : bytes;
}

function encode(text: string, encoding: Dialect['encoding']): Buffer {
  if (encoding === 'utf-8') return Buffer.from(text);
  if (encoding === 'windows-1252') return Buffer.from(text.replaceAll('–', '\u0096'), 'latin1');
  const bytes = Buffer.from(text, 'utf16le');
  return encoding === 'utf-16le' ? bytes : bytes.swap16();
}

test('a table is the same in every dialect', async ({ dir }) => {
  await fc.assert(
    fc.asyncProperty(films, dialects, async (rows, dialect) => {
      const { encoding, delimiter, gzip } = dialect;
      const { table, result } = await loadCsv(dir, write(rows, dialect), {
        target: 'score',
        features: ['budget'],
        key: 'title',
        ...(encoding === 'windows-1252' && { encoding }),
      });

      expect(result.dialect).toMatchObject({
        compression: gzip ? 'gzip' : null,
        encoding,
        delimiter,
        quote: '"',
      });
      expect(result.rows).toMatchObject({ loaded: rows.length, kept: rows.length, bad: 0 });
      expect(table.keys).toEqual(rows.map(([name]) => name.trim()));
      expect(table.columns).toEqual([rows.map(([, budget]) => budget)]);
      expect(table.targets).toEqual(rows.map(([, , score]) => score));
    }),
    { numRuns: 200 },
  );
});

test('what the input says goes before what is found', async ({ dir }) => {
  const { table, result } = await loadCsv(dir, '! x\na~score\n1,5~2,5\n! y\n3,5~4,5\n', {
    delimiter: '~',
    comment: '!',
    decimal: ',',
    encoding: 'latin1',
    target: 'score',
    features: ['a'],
  });

  expect(table).toMatchObject({ columns: [[1.5, 3.5]], targets: [2.5, 4.5], rowIds: [2, 3] });
  expect(result.dialect).toEqual({
    compression: null,
    encoding: 'windows-1252',
    delimiter: '~',
    quote: '"',
    decimal: ',',
    comment: '!',
    header: true,
  });
});
