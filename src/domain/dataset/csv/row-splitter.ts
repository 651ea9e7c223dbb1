import { MAX_CELL_CHARS } from '../limits.ts';
import { OpenText } from './open-text.ts';
import { Row } from './row.ts';

export interface RowSplitterOptions {
  /** One character. */
  readonly delimiter: string;
  /** One character. */
  readonly quote: string;
  /** Lines that begin with it are skipped. */
  readonly comment?: string | undefined;
  /** Number of the text's first line, 1 unless said. */
  readonly firstLine?: number;
  /** The UTF-16 units of a text, faster than a loop finds them. The array need not outlive the next call. */
  readonly unitsOf?: (text: string) => Uint16Array;
  /**
   * @param row until the function returns
   * @param line of the text on which the row begins
   */
  readonly onRow: (row: Row, line: number) => void;
  /** A row whose quotes are malformed; the rows after it are read. */
  readonly onMalformed: (problem: string, line: number) => void;
}

export interface RowSplitter {
  /** Cells of a row, as of the header; 0 while unknown. */
  width: number;
  /** The line that the next row begins on. */
  readonly line: number;
  /** What was handed in and belongs to no row yet. */
  readonly rest: string;
  readonly restChars: number;
  push(text: string): void;
  end(): void;
}

const UNCLOSED = 'a quote that is not closed';
const AFTER_QUOTE = 'text after a closing quote';
const ROWS_IN_QUOTES = 'quotes around whole rows';
/** Lines of a text rarely have as many delimiters as a row of a table that wide. */
const TELLING_WIDTH = 6;
const TOO_LONG = `a cell of more than ${MAX_CELL_CHARS} characters`;
const LINE_END = /\r\n|\n|\r/g;

/**
 * Cuts text into rows and cells, as RFC 4180 says, and as people write: a line ends with LF, CRLF or CR; a quote inside
 * an unquoted cell is a character; a quoted text that is followed by more text on its line is an unquoted cell.
 *
 * A quote that is opened by mistake would take the rows below it for its cell. So a cell that spans lines must be closed
 * correctly, within {@link MAX_CELL_CHARS}, in a row of the right width whose lines do not look like rows. Else only the line with the opening quote is
 * malformed: the lines below it are read again, and in those that the cell had covered nothing is tolerated.
 */
export function createRowSplitter(options: RowSplitterOptions): RowSplitter {
  const { delimiter, quote, comment, firstLine = 1, onRow, onMalformed } = options;
  const delimiterUnit = delimiter.charCodeAt(0);
  const input = new OpenText(delimiter, quote, options.unitsOf);
  const row = new Row();
  let pos = 0;
  let line = firstLine;
  /** Rows that begin before this position were covered by a malformed cell. */
  let strictEnd = 0;

  function parse(isLast: boolean): void {
    while (pos < input.length) {
      let end = input.lineEnd(pos);
      if (end === Infinity) {
        if (!isLast) return;
        end = input.length;
      } else if (!isLast && input.endsWithin(end)) return;
      if (comment !== undefined && input.text.startsWith(comment, pos)) {
        advance(input.afterLineEnd(end), 1);
      } else if (input.nextQuote(pos) >= end) {
        splitLine(end);
        take(input.afterLineEnd(end), 1, false);
      } else if (!parseQuotedRow(isLast)) return;
    }
  }

  function splitLine(end: number): void {
    const { units } = input;
    row.begin(input.text, units);
    let start = pos;
    for (let at = pos; at < end; at += 1) {
      if (units[at] !== delimiterUnit) continue;
      row.push(start, at);
      start = at + 1;
    }
    row.push(start, end);
  }

  /** @returns false when the row may go on in text that was not handed in yet */
  function parseQuotedRow(isLast: boolean): boolean {
    const { text, length } = input;
    row.begin(text, input.units);
    const quoted: number[] = [];
    let lines = 1;
    let strayQuote = false;
    for (let at = pos; ;) {
      let end: number;
      if (input.isQuote(at)) {
        const close = input.closingQuote(at);
        if (close === Infinity || close - at > MAX_CELL_CHARS) {
          if (!isLast && length - at <= MAX_CELL_CHARS) return false;
          return malformed(UNCLOSED, Math.min(length, at + MAX_CELL_CHARS));
        }
        end = input.afterSpaces(close + 1);
        if (end >= length && !isLast) return false;
        const isBroken = input.lineEnd(at) < close;
        if (input.isCellEnd(end)) {
          quoted.push(row.length);
          row.push(at + 1, close);
          if (isBroken) lines += text.slice(at, close).match(LINE_END)?.length ?? 0;
        } else if (isBroken) {
          return malformed(AFTER_QUOTE, close);
        } else {
          end = input.cellEnd(close);
          row.push(at, end);
          strayQuote = true;
        }
      } else {
        end = input.cellEnd(at);
        row.push(at, end);
        strayQuote ||= text.slice(at, end).includes(quote);
      }
      if (end < length && !input.isLineEnd(end)) {
        at = end + 1;
        if (at < length) continue;
        // A delimiter is the last character: an empty cell follows.
        row.push(at, at);
        end = at;
      }
      if (!isLast && (end >= length || input.endsWithin(end))) return false;
      row.unquote(quoted, quote);
      take(Math.min(length, input.afterLineEnd(end)), lines, strayQuote);
      return true;
    }
  }

  function take(next: number, lines: number, strayQuote: boolean): void {
    const { width } = splitter;
    if (width > 0 && (lines > 1 || pos < strictEnd)) {
      const problem =
        lines > 1 && linesLookLikeRows(next) ? ROWS_IN_QUOTES : strictProblem(width, strayQuote);
      if (problem !== null) {
        malformed(problem, next);
        return;
      }
    }
    if (next - pos > MAX_CELL_CHARS && row.longest() > MAX_CELL_CHARS) {
      malformed(TOO_LONG, pos);
      return;
    }
    const first = line;
    advance(next, lines);
    if (!row.isBlank()) onRow(row, first);
  }

  /** Two quotes by mistake, in one column of different rows, make a row of the right width, too. */
  function linesLookLikeRows(next: number): boolean {
    const { width } = splitter;
    if (width < TELLING_WIDTH) return false;
    for (let start = pos; start < next;) {
      const end = Math.min(next, input.firstLineEnd(start));
      if (input.delimiters(start, end) !== width - 1) return false;
      start = input.afterLineEnd(end);
    }
    return true;
  }

  function strictProblem(width: number, strayQuote: boolean): string | null {
    if (row.isBlank()) return null;
    row.dropEmptyEnd(width);
    if (row.length !== width) return `${row.length} cells`;
    return pos < strictEnd && strayQuote ? AFTER_QUOTE : null;
  }

  function malformed(problem: string, coveredUntil: number): true {
    strictEnd = Math.max(strictEnd, coveredUntil);
    const first = line;
    // What was found lies behind the line that is looked for.
    input.rewind();
    const end = input.lineEnd(pos);
    advance(end === Infinity ? input.length : input.afterLineEnd(end), 1);
    onMalformed(problem, first);
    return true;
  }

  function advance(to: number, lines: number): void {
    pos = to;
    line += lines;
  }

  function open(text: string): void {
    strictEnd -= pos;
    pos = 0;
    input.open(text);
  }

  const splitter: RowSplitter = {
    width: 0,
    get line() {
      return line;
    },
    get rest() {
      return input.text.slice(pos);
    },
    get restChars() {
      return input.length - pos;
    },
    push(more) {
      open(pos < input.length ? input.text.slice(pos) + more : more);
      parse(false);
    },
    end() {
      open(input.text.slice(pos));
      parse(true);
    },
  };
  return splitter;
}
