import Papa from 'papaparse';
import { createRandom } from '../bench/data/random.ts';

/** Text columns with at least this share of different values get other values in every copy: titles, links. */
const DISTINCT_SHARE = 0.8;
/** Noise of a number, as a share of the smaller of its size and its column's standard deviation. */
const JITTER = 0.05;
const CHUNK_CHARS = 1 << 20;
const PLAIN_NUMBER = /^-?\d+(?:\.(\d+))?$/;

export interface LargeDatasetOptions {
  /** Data rows to write. */
  readonly rows: number;
  readonly seed: number;
  /** All, in the order of the source, when absent. */
  readonly columns?: readonly string[];
}

type Column =
  | { readonly kind: 'number'; readonly deviation: number }
  | { readonly kind: 'distinct'; readonly suffixes: readonly string[] }
  | { readonly kind: 'copied' };

/** A piece of a line: fixed text, a number that gets noise, or text that gets the copy's number at a place. */
type Piece =
  | string
  | { readonly value: number; readonly decimals: number; readonly noise: number; readonly text: string }
  | { readonly before: string; readonly after: string };

/**
 * A CSV of any size in the shape of a small one: its rows again and again, numbers with a little noise, titles and
 * links with the copy's number. The first copy has the numbers of the source. Equal options give equal text.
 *
 * @param source text of a CSV with commas and a header line
 * @returns chunks of about a megabyte
 * @throws RangeError when a column is missing or there are no rows
 */
export function* enlargeDataset(source: string, options: LargeDatasetOptions): Generator<string> {
  const { header, rows } = selectColumns(parse(source), options.columns);
  const columns = header.map((_, index) => describeColumn(rows.map((row) => row[index] ?? '')));
  const lines = rows.map((row, index) => toPieces(row, columns, index));
  const random = createRandom(options.seed);
  let text = `${header.map(quote).join(',')}\n`;
  for (let written = 0; written < options.rows; written += 1) {
    const copy = Math.floor(written / lines.length);
    for (const piece of lines[written % lines.length] as readonly Piece[]) text += write(piece, copy, random);
    if (text.length >= CHUNK_CHARS) {
      yield text;
      text = '';
    }
  }
  yield text;
}

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

function parse(source: string): Table {
  const { data } = Papa.parse<string[]>(source.replace(/^\uFEFF/, ''), {
    delimiter: ',',
    skipEmptyLines: true,
  });
  const [header = [], ...rows] = data;
  if (rows.length === 0) throw new RangeError('the source has no rows: expected a CSV with a header line');
  return { header, rows };
}

function selectColumns(table: Table, wanted: readonly string[] = table.header): Table {
  const missing = wanted.filter((name) => !table.header.includes(name));
  if (missing.length > 0) {
    const found = table.header.join(', ');
    throw new RangeError(`the source has no column ${missing.join(', ')} (found: ${found})`);
  }
  const places = wanted.map((name) => table.header.indexOf(name));
  return { header: wanted, rows: table.rows.map((row) => places.map((place) => row[place] ?? '')) };
}

function describeColumn(cells: readonly string[]): Column {
  const filled = cells.filter((cell) => cell !== '');
  if (filled.length === 0) return { kind: 'copied' };
  if (filled.every((cell) => PLAIN_NUMBER.test(cell))) {
    const numbers = filled.map(Number);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return { kind: 'number', deviation: Math.sqrt(squares / numbers.length) };
  }
  if (new Set(filled).size < DISTINCT_SHARE * filled.length) return { kind: 'copied' };
  // Equal values in the source become different ones by their place.
  const seen = new Map<string, number>();
  const suffixes = cells.map((cell) => {
    const before = seen.get(cell) ?? 0;
    seen.set(cell, before + 1);
    return before === 0 ? '' : `.${before}`;
  });
  return { kind: 'distinct', suffixes };
}

function toPieces(row: readonly string[], columns: readonly Column[], index: number): Piece[] {
  const pieces: Piece[] = [];
  let fixed = '';
  row.forEach((cell, place) => {
    if (place > 0) fixed += ',';
    const column = columns[place] as Column;
    if (cell === '' || column.kind === 'copied') {
      fixed += quote(cell);
      return;
    }
    pieces.push(fixed);
    fixed = '';
    if (column.kind === 'number') {
      const value = Number(cell);
      const noise = JITTER * Math.min(Math.abs(value), column.deviation);
      // As many decimals as the cell has: 7 stays 7, or becomes 8, and never 7.02.
      pieces.push({ value, decimals: PLAIN_NUMBER.exec(cell)?.[1]?.length ?? 0, noise, text: cell });
    } else {
      const end = quote(cell).endsWith('"') ? -1 : undefined;
      const suffix = column.suffixes[index] ?? '';
      pieces.push({ before: quote(cell).slice(0, end), after: suffix + (end === undefined ? '' : '"') });
    }
  });
  return [...pieces, `${fixed}\n`];
}

function write(piece: Piece, copy: number, random: () => number): string {
  if (typeof piece === 'string') return piece;
  if ('before' in piece) {
    return `${piece.before}-${copy}${piece.after}`;
  }
  if (copy === 0) return piece.text;
  const value = piece.value + (2 * random() - 1) * piece.noise;
  return piece.decimals === 0 ? `${Math.round(value)}` : value.toFixed(piece.decimals);
}

function quote(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
