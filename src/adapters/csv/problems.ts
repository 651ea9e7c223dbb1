import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { DatasetError } from '../../domain/errors.ts';
import { linesOf } from '../../domain/dataset/file-lines.ts';

/** Also passed to danfo, so that both parse the same rows. */
export const CSV_OPTIONS = { delimiter: ',', dynamicTyping: false, skipEmptyLines: 'greedy' } as const;

interface CsvFile {
  readonly absolutePath: string;
  readonly name: string;
}

interface CsvRow {
  /** First line of the row, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
  /** papaparse's message about its quotes. */
  readonly problem: string | undefined;
}

/** @throws DatasetError, because papaparse would silently rename a second "gross" to "gross_1" */
export async function refuseDuplicateHeaders({ absolutePath, name }: CsvFile): Promise<void> {
  const [header] = readRows(await readFile(absolutePath, 'utf8'), 1);
  if (header === undefined) return;
  const columns = header.fields.map((column) => column.trim());
  const twice = columns.filter((column, i) => columns.indexOf(column) !== i);
  if (twice.length === 0) return;
  throw new DatasetError({
    what: twice[0] === '' ? 'two columns have no name' : `column "${twice[0]}" appears twice`,
    where: `${name}:${header.line}`,
    expected: 'every column name once',
    got: `${columns.length} columns, ${twice.length} repeated: ${[...new Set(twice)].map((column) => `"${column}"`).join(', ')}`,
    hint: 'Rename or remove the repeated columns in the header',
  });
}

/** danfo reports only that parsing failed; this finds out where. */
export async function explainCsvFailure(
  { absolutePath, name }: CsvFile,
  cause: unknown,
): Promise<DatasetError> {
  const rows = readRows(await readFile(absolutePath, 'utf8'));
  const width = rows[0]?.fields.length ?? 0;
  const hint = 'Correct the file; nothing was published';
  const isMalformed = ({ problem, fields }: CsvRow): boolean =>
    problem !== undefined || fields.length !== width;
  const malformed = rows.filter(isMalformed);
  const [first] = malformed;
  if (first) {
    const block = firstBlock(rows, isMalformed);
    return new DatasetError({
      what: 'the CSV is malformed',
      where: linesOf(name, first.line, block.at(-1)?.line ?? first.line),
      expected:
        first.problem === undefined
          ? `${width} cells, as in the header`
          : 'quotes around whole cells, doubled inside',
      got: `${first.problem ?? cellCounts(block)}${elsewhere(malformed, block.length)}`,
      hint,
      cause,
    });
  }
  return new DatasetError({
    what: ['the file is empty', 'the file has a header but no rows'][rows.length] ?? 'the CSV cannot be read',
    where: name,
    expected: 'a header line and rows below it',
    got: rows.length > 1 ? `${rows.length - 1} rows (${(cause as Error).message})` : '0 rows',
    hint,
    cause,
  });
}

/** The first malformed row and the malformed rows directly below it. */
function firstBlock(rows: readonly CsvRow[], isMalformed: (row: CsvRow) => boolean): CsvRow[] {
  const begin = rows.findIndex(isMalformed);
  const length = rows.slice(begin).findIndex((row) => !isMalformed(row));
  return rows.slice(begin, length === -1 ? undefined : begin + length);
}

function cellCounts(block: readonly CsvRow[]): string {
  const counts = block.map(({ fields }) => fields.length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

function elsewhere(malformed: readonly CsvRow[], inBlock: number): string {
  const next = malformed[inBlock];
  return next ? `, and ${malformed.length - inBlock} more such rows from line ${next.line} on` : '';
}

/** The rows that are not blank, including the header, with their line numbers: papaparse counts rows only. */
function readRows(content: string, limit = Infinity): CsvRow[] {
  const text = content.replace(/^\ufeff/, '');
  const rows: CsvRow[] = [];
  let line = 1;
  let start = 0;
  Papa.parse<string[]>(text, {
    ...CSV_OPTIONS,
    skipEmptyLines: false,
    step({ data: fields, errors, meta }, parser) {
      const blank = fields.every((field) => /^[ \t-\r]*$/.test(field));
      if (!blank) rows.push({ line, fields, problem: errors[0]?.message });
      line += text.slice(start, meta.cursor).match(/\r\n|\n|\r/g)?.length ?? 0;
      start = meta.cursor;
      if (rows.length >= limit) parser.abort();
    },
  });
  return rows;
}
