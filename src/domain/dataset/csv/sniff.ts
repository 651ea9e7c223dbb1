import type { Dialect } from '../dialect.ts';
import { isEmpty } from './row.ts';
import { createRowSplitter } from './row-splitter.ts';

/** What `dataset` says about the file; the rest is found by looking. */
export interface GivenDialect {
  readonly delimiter?: string | undefined;
  readonly comment?: string | undefined;
  readonly header: boolean;
  /** Columns that the input names. */
  readonly named: readonly string[];
}

export interface FoundDialect extends Pick<Dialect, 'delimiter' | 'quote'> {
  /** Length of a first line like `sep=;`, which Excel writes, with its line end; else 0. */
  readonly separatorChars: number;
}

/** In the order of preference. */
const DELIMITERS = [',', ';', '\t', '|'];
const SAMPLE_ROWS = 300;
/** A few odd rows must not turn the choice. */
const CONSISTENT = 0.9;
const SEPARATOR_LINE = /^"?sep=([^\r\n])"?[,;\t]*(\r\n|\n|\r)/i;

interface Candidate extends Pick<Dialect, 'delimiter' | 'quote'> {
  readonly namesFound: number;
  /** Share of the rows that have as many cells as the header. */
  readonly consistency: number;
  readonly width: number;
  readonly rows: readonly (readonly string[])[];
}

/**
 * Finds the delimiter and the quote: those with which the named columns appear, most rows have as many cells as the
 * header, and there are most columns, in this order.
 *
 * @param sample the beginning of the text; its last row may be cut
 */
export function sniffDialect(sample: string, given: GivenDialect): FoundDialect {
  const [line = '', separator] = SEPARATOR_LINE.exec(sample) ?? [];
  const text = sample.slice(line.length);
  const delimiters =
    given.delimiter === undefined ? (separator ? [separator] : DELIMITERS) : [given.delimiter];
  const bestWith = (quote: string): Candidate =>
    delimiters.map((delimiter) => tryOut(text, delimiter, quote, given)).reduce((a, b) => better(a, b));
  const plain = bestWith('"');
  const best = startsWithApostrophes(plain) ? better(plain, bestWith("'"), 'second') : plain;
  return { delimiter: best.delimiter, quote: best.quote, separatorChars: line.length };
}

function tryOut(text: string, delimiter: string, quote: string, given: GivenDialect): Candidate {
  const rows: string[][] = [];
  const splitter = createRowSplitter({
    delimiter,
    quote,
    comment: given.comment,
    onRow: (row) => {
      if (rows.length < SAMPLE_ROWS) rows.push(row.cells());
    },
    onMalformed: () => undefined,
  });
  for (let from = 0; from < text.length && rows.length < SAMPLE_ROWS; from += 16_384) {
    splitter.push(text.slice(from, from + 16_384));
  }
  // The last row of the sample counts only if it is the only one.
  if (rows.length < 2) splitter.end();
  const width = given.header ? (rows[0]?.length ?? 0) : commonWidth(rows);
  const body = given.header ? rows.slice(1) : rows;
  const fitting = body.filter((cells) => cells.length >= width && cells.slice(width).every(isEmpty)).length;
  const header = given.header ? (rows[0] ?? []).map((cell) => cell.trim()) : [];
  return {
    delimiter,
    quote,
    namesFound: given.named.filter((name) => header.includes(name)).length,
    consistency: body.length === 0 ? 1 : fitting / body.length,
    width,
    rows,
  };
}

function commonWidth(rows: readonly (readonly string[])[]): number {
  const counts = new Map<number, number>();
  for (const { length } of rows) counts.set(length, (counts.get(length) ?? 0) + 1);
  let common = 0;
  for (const [width, count] of counts) if (count > (counts.get(common) ?? 0)) common = width;
  return common;
}

function better(a: Candidate, b: Candidate, tie: 'first' | 'second' = 'first'): Candidate {
  const order =
    a.namesFound - b.namesFound ||
    Math.min(a.consistency, CONSISTENT) - Math.min(b.consistency, CONSISTENT) ||
    a.width - b.width;
  if (order === 0) return tie === 'second' ? b : a;
  return order > 0 ? a : b;
}

/** Whether cells of most rows begin with an apostrophe and none with a quotation mark. */
function startsWithApostrophes({ rows }: Candidate): boolean {
  const begins = (cells: readonly string[], mark: string): boolean =>
    cells.some((cell) => cell.startsWith(mark));
  const apostrophes = rows.filter((cells) => begins(cells, "'")).length;
  return apostrophes > rows.length / 2 && !rows.some((cells) => begins(cells, '"'));
}
