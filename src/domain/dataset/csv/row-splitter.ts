import { MAX_CELL_CHARS } from '../limits.ts';

export interface RowSplitterOptions {
  /** One character. */
  readonly delimiter: string;
  /** One character. */
  readonly quote: string;
  /** Lines that begin with it are skipped. */
  readonly comment?: string | undefined;
  /** Number of the text's first line, 1 unless said. */
  readonly firstLine?: number;
  /** @param line of the text on which the row begins */
  readonly onRow: (cells: string[], line: number) => void;
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
const TOO_LONG = `a cell of more than ${MAX_CELL_CHARS} characters`;
const LINE_END = /\r\n|\n|\r/g;

/**
 * Cuts text into rows and cells, as RFC 4180 says, and as people write: a line ends with LF, CRLF or CR; a quote inside
 * an unquoted cell is a character; a quoted text that is followed by more text on its line is an unquoted cell.
 *
 * A quote that is opened by mistake would take the rows below it for its cell. So a cell that spans lines must be closed
 * correctly, within {@link MAX_CELL_CHARS}, in a row of the right width. Else only the line with the opening quote is
 * malformed: the lines below it are read again, and in those that the cell had covered nothing is tolerated.
 */
export function createRowSplitter(options: RowSplitterOptions): RowSplitter {
  const { delimiter, quote, comment, firstLine = 1, onRow, onMalformed } = options;
  let text = '';
  let pos = 0;
  let line = firstLine;
  /** Rows that begin before this position were covered by a malformed cell. */
  let strictEnd = 0;
  // Positions found once serve for all rows before them; Infinity when there are no more in the text.
  let feed = -1;
  let carriage = -1;
  let mark = -1;

  const find = (what: string, from: number): number => {
    const found = text.indexOf(what, from);
    return found === -1 ? Infinity : found;
  };

  /** Where the line that contains `from` ends: at its line end, or Infinity. */
  function lineEnd(from: number): number {
    if (feed < from) feed = find('\n', from);
    if (carriage < from) carriage = find('\r', from);
    return Math.min(feed, carriage);
  }

  function afterLineEnd(end: number): number {
    return end + (text.charCodeAt(end) === 13 && text.charCodeAt(end + 1) === 10 ? 2 : 1);
  }

  function parse(isLast: boolean): void {
    while (pos < text.length) {
      let end = lineEnd(pos);
      if (end === Infinity) {
        if (!isLast) return;
        end = text.length;
      } else if (end === text.length - 1 && !isLast && text.charCodeAt(end) === 13) return;
      if (comment !== undefined && text.startsWith(comment, pos)) {
        advance(afterLineEnd(end), 1);
        continue;
      }
      if (mark < pos) mark = find(quote, pos);
      if (mark >= end) {
        take(text.slice(pos, end).split(delimiter), afterLineEnd(end), 1, false);
      } else if (!parseQuotedRow(isLast)) return;
    }
  }

  /** @returns false when the row may go on in text that was not handed in yet */
  function parseQuotedRow(isLast: boolean): boolean {
    const cells: string[] = [];
    let at = pos;
    let lines = 1;
    let strayQuote = false;
    for (;;) {
      let end: number;
      if (text.startsWith(quote, at)) {
        const close = closingQuote(at);
        if (close === Infinity || close - at > MAX_CELL_CHARS) {
          if (!isLast && text.length - at <= MAX_CELL_CHARS) return false;
          malformed(UNCLOSED, Math.min(text.length, at + MAX_CELL_CHARS));
          return true;
        }
        end = afterSpaces(close + 1);
        if (end >= text.length && !isLast) return false;
        const broken = lineEnd(at) < close;
        if (end >= text.length || text.startsWith(delimiter, end) || isLineEnd(end)) {
          const cell = text.slice(at + 1, close);
          cells.push(cell.includes(quote) ? cell.replaceAll(quote + quote, quote) : cell);
          if (broken) lines += cell.match(LINE_END)?.length ?? 0;
        } else if (broken) {
          malformed(AFTER_QUOTE, close);
          return true;
        } else {
          end = unquotedEnd(close);
          cells.push(text.slice(at, end));
          strayQuote = true;
        }
      } else {
        end = unquotedEnd(at);
        const cell = text.slice(at, end);
        cells.push(cell);
        strayQuote ||= cell.includes(quote);
      }
      if (end >= text.length) {
        if (!isLast) return false;
        take(cells, text.length, lines, strayQuote);
        return true;
      }
      if (isLineEnd(end)) {
        if (end === text.length - 1 && !isLast && text.charCodeAt(end) === 13) return false;
        take(cells, afterLineEnd(end), lines, strayQuote);
        return true;
      }
      at = end + 1;
      if (at >= text.length) {
        if (!isLast) return false;
        cells.push('');
        take(cells, text.length, lines, strayQuote);
        return true;
      }
    }
  }

  /** @param open where the cell's opening quote is */
  function closingQuote(open: number): number {
    for (let from = open + 1; ;) {
      const found = find(quote, from);
      if (!text.startsWith(quote, found + 1)) return found;
      from = found + 2;
    }
  }

  function afterSpaces(from: number): number {
    let at = from;
    while (at < text.length && (text[at] === ' ' || text[at] === '\t') && text[at] !== delimiter) at += 1;
    return at;
  }

  function unquotedEnd(from: number): number {
    return Math.min(lineEnd(from), find(delimiter, from), text.length);
  }

  function isLineEnd(at: number): boolean {
    const code = text.charCodeAt(at);
    return code === 10 || code === 13;
  }

  function take(cells: string[], next: number, lines: number, strayQuote: boolean): void {
    const { width } = splitter;
    if (width > 0 && (lines > 1 || pos < strictEnd)) {
      dropEmptyEnd(cells, width);
      const problem = strictProblem(cells, strayQuote);
      if (problem !== null) {
        malformed(problem, next);
        return;
      }
    }
    if (next - pos > MAX_CELL_CHARS && cells.some((cell) => cell.length > MAX_CELL_CHARS)) {
      malformed(TOO_LONG, pos);
      return;
    }
    const first = line;
    advance(next, lines);
    if (!isBlank(cells)) onRow(cells, first);
  }

  function strictProblem(cells: readonly string[], strayQuote: boolean): string | null {
    if (isBlank(cells)) return null;
    if (cells.length !== splitter.width) return `${cells.length} cells`;
    return pos < strictEnd && strayQuote ? AFTER_QUOTE : null;
  }

  function malformed(problem: string, coveredUntil: number): void {
    strictEnd = Math.max(strictEnd, coveredUntil);
    const first = line;
    // What was found lies behind the line that is looked for.
    feed = carriage = -1;
    const end = lineEnd(pos);
    advance(end === Infinity ? text.length : afterLineEnd(end), 1);
    onMalformed(problem, first);
  }

  function advance(to: number, lines: number): void {
    pos = to;
    line += lines;
  }

  const splitter: RowSplitter = {
    width: 0,
    get line() {
      return line;
    },
    get rest() {
      return text.slice(pos);
    },
    get restChars() {
      return text.length - pos;
    },
    push(more) {
      strictEnd -= pos;
      text = pos < text.length ? text.slice(pos) + more : more;
      pos = 0;
      feed = carriage = mark = -1;
      parse(false);
    },
    end() {
      strictEnd -= pos;
      text = text.slice(pos);
      pos = 0;
      feed = carriage = mark = -1;
      parse(true);
    },
  };
  return splitter;
}

/** Removes empty cells at the end of a row that has more than `width`, as a trailing delimiter leaves them. */
export function dropEmptyEnd(cells: string[], width: number): void {
  while (cells.length > width && isEmpty(cells[cells.length - 1] as string)) cells.pop();
}

export function isBlank(cells: readonly string[]): boolean {
  return cells.every(isEmpty);
}

function isEmpty(cell: string): boolean {
  return cell === '' || cell.trim() === '';
}
