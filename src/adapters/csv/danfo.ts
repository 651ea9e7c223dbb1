import danfo, { type DataFrame } from 'danfojs-node';
import type { DataFrames, Frame } from '../../activities/dataset/data-frames.ts';
import { CSV_OPTIONS, explainCsvFailure, refuseDuplicateHeaders } from './problems.ts';

/** danfo makes every column a property of its frame; a column called "index" or "values" would replace danfo's own. */
const PREFIX = 'column:';

/**
 * danfo lets papaparse decode the file chunk by chunk, which breaks a character that spans two chunks. So the file is
 * read as latin1 (all delimiters are ASCII), and each complete cell is decoded as UTF-8.
 */
const READ_OPTIONS = {
  ...CSV_OPTIONS,
  encoding: 'latin1',
  /** A byte order mark hides the quote after it, and papaparse takes even a blank first line for the header. */
  beforeFirstChunk: (chunk: string) => chunk.replace(/^\u00ef\u00bb\u00bf/, '').replace(/^[\s,]*[\r\n]/, ''),
  transformHeader: (header: string) => toInternal(decode(header).trim()),
};

/**
 * danfo guesses a column's type from its first rows and keeps other values further down, so it reads text and the domain
 * decides what a number is. Rows are picked by position, because `dropNa` takes 20 s instead of milliseconds.
 */
export const danfoFrames: DataFrames = {
  async readCsv(file) {
    await refuseDuplicateHeaders(file);
    try {
      return toFrame(await danfo.readCSV(file.absolutePath, READ_OPTIONS));
    } catch (cause) {
      throw await explainCsvFailure(file, cause);
    }
  },

  fromRows(columns, rows) {
    return toFrame(new danfo.DataFrame(rows, { columns: columns.map(toInternal) }));
  },
};

/** The used part of a danfo frame; its own declarations disagree on the class. */
type DanfoFrame = Pick<DataFrame, 'column' | 'columns' | 'iloc' | 'loc' | 'shape' | 'values'>;

function toFrame(frame: DanfoFrame): Frame {
  const valuesOf = (column: string): unknown[] => frame.column(toInternal(column)).values;
  const cellsOf = (column: string): string[] =>
    valuesOf(column).map((cell) => (typeof cell === 'string' ? decode(cell) : ''));
  const columns = frame.columns.map((column) => column.slice(PREFIX.length));
  const rowCount = frame.shape[0] ?? 0;
  return {
    columns,
    rowCount,
    cells: cellsOf,
    doubles: (column) => valuesOf(column).map((cell) => (typeof cell === 'number' ? cell : Number.NaN)),
    vectors: () => frame.values as number[][],
    select: (wanted) => toFrame(frame.loc({ columns: wanted.map(toInternal) })),

    castToDouble(parse) {
      const parsed = columns.map((column): [string, number[]] => [
        toInternal(column),
        [...parse(column, cellsOf(column))],
      ]);
      // danfo's only floating type is called float32; its values stay JavaScript doubles.
      const dtypes = parsed.map(() => 'float32');
      return toFrame(new danfo.DataFrame(Object.fromEntries(parsed), { dtypes }));
    },

    completeRows() {
      const values = columns.map((column) => valuesOf(column) as number[]);
      const positions = Array.from({ length: rowCount }, (_, row) => row);
      return positions.filter((row) => values.every((column) => !Number.isNaN(column[row])));
    },

    takeRows: (positions) => toFrame(frame.iloc({ rows: [...positions] })),
  };
}

function toInternal(column: string): string {
  return `${PREFIX}${column}`;
}

function decode(text: string): string {
  return /[\u0080-\u00ff]/.test(text) ? Buffer.from(text, 'latin1').toString('utf8') : text;
}
