import type { ReadOptions } from '../../../activities/dataset/dataset-reader.ts';
import { createRowSplitter, type RowSplitter } from '../../../domain/dataset/csv/row-splitter.ts';
import { sniffDialect } from '../../../domain/dataset/csv/sniff.ts';
import type { Dialect } from '../../../domain/dataset/dialect.ts';
import { TABLE_LIMITS } from '../../../domain/dataset/limits.ts';
import { DatasetError } from '../../../domain/errors.ts';
import { openByteSource } from './byte-source.ts';
import type { Frames } from './frames.ts';
import { createRowCollector } from './row-collector.ts';
import { selectRows, type RowSelection } from './row-selection.ts';
import { createDecoder, encodingOf, findEncoding, UndecodableBytes, type Decoder } from './text-decoder.ts';

/** Enough for some hundred rows. */
const HEAD_BYTES = 256 * 1_024;
const NO_BYTES = Buffer.alloc(0);
const LINE_END = /\r\n|\n|\r/g;

export interface ReadTable extends RowSelection {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Reads a table from an open file in one pass.
 *
 * @param report takes the number of rows read so far
 */
export async function readTable(
  file: { readonly descriptor: number; readonly name: string },
  options: ReadOptions,
  frames: Frames,
  report: (rows: number) => void,
  limits = TABLE_LIMITS,
): Promise<ReadTable> {
  const { name } = file;
  const given = options.encoding === undefined ? undefined : encodingOf(options.encoding);
  const source = await openByteSource(file.descriptor, name, limits.bytes);
  const chunks = source.bytes[Symbol.asyncIterator]();
  const { head, isAll } = await readHead(chunks);
  const encoding = given ?? findEncoding(head);
  const decoder = createDecoder(encoding);
  const place = { name, encoding, given: given !== undefined };
  const sample = decode(decoder, head, isAll, place, null).replace(/^\ufeff/, '');
  refuseBinary(sample, place, null);
  const found = sniffDialect(sample, {
    delimiter: delimiterOf(options.delimiter),
    comment: options.comment,
    header: options.header,
    named: namedColumns(options),
  });
  const collector = createRowCollector(name, options, limits.rows);
  const splitter = createRowSplitter({
    ...found,
    comment: options.comment,
    firstLine: found.separatorChars > 0 ? 2 : 1,
    unitsOf: createUnits(),
    onRow(row, line) {
      collector.addRow(row, line);
      splitter.width = collector.width;
    },
    onMalformed(problem, line) {
      collector.addMalformed(problem, line);
    },
  });
  splitter.push(sample.slice(found.separatorChars));
  for (let isLast = isAll; !isLast;) {
    const next = await chunks.next();
    isLast = next.done === true;
    const text = decode(decoder, next.done ? NO_BYTES : next.value, isLast, place, splitter);
    refuseBinary(text, place, splitter);
    splitter.push(text);
    if (splitter.restChars > limits.rowChars) throw rowTooLong(name, splitter.line, limits.rowChars);
    report(collector.rows);
  }
  splitter.end();
  const { decimal, comment, header } = options;
  const dialect: Dialect = {
    compression: source.compression,
    encoding,
    delimiter: found.delimiter,
    quote: found.quote,
    ...(decimal !== undefined && { decimal }),
    ...(comment !== undefined && { comment }),
    header,
  };
  const selection = selectRows(name, dialect, options, collector.finish(), frames);
  return { ...selection, ...source.digest() };
}

/** UTF-16 units of one text after the other, in the same memory. */
function createUnits(): (text: string) => Uint16Array {
  let units = new Uint16Array();
  return (text) => {
    if (units.length < text.length) units = new Uint16Array(2 * text.length);
    Buffer.from(units.buffer).write(text, 'utf16le');
    return units.subarray(0, text.length);
  };
}

function delimiterOf(given: string | undefined): string | undefined {
  return given === 'tab' || given === '\\t' ? '\t' : given;
}

async function readHead(
  chunks: AsyncIterator<Buffer>,
): Promise<{ readonly head: Buffer; readonly isAll: boolean }> {
  const parts: Buffer[] = [];
  for (let bytes = 0; bytes < HEAD_BYTES;) {
    const next = await chunks.next();
    if (next.done) return { head: Buffer.concat(parts), isAll: true };
    parts.push(Buffer.from(next.value));
    bytes += next.value.length;
  }
  return { head: Buffer.concat(parts), isAll: false };
}

function namedColumns({ target, key, features }: ReadOptions): string[] {
  return [target, ...(key === undefined ? [] : [key]), ...(features === 'numeric' ? [] : features)];
}

interface Place {
  readonly name: string;
  readonly encoding: string;
  /** Whether the input names the encoding. */
  readonly given: boolean;
}

/** @param splitter has what came before `bytes`; null at the beginning */
function decode(
  decoder: Decoder,
  bytes: Buffer,
  isLast: boolean,
  place: Place,
  splitter: RowSplitter | null,
): string {
  const { name, encoding, given } = place;
  try {
    return decoder.decode(bytes, isLast);
  } catch (cause) {
    if (!(cause instanceof UndecodableBytes)) throw cause;
    refuseBinary(cause.before, place, splitter);
    throw new DatasetError({
      what: 'not a CSV',
      where: `${name}:${lineOf(splitter, cause.before)}`,
      expected: `${encoding} text`,
      got: `another encoding: 0x${cause.byte.toString(16)} at byte ${cause.offset} is no character`,
      hint: given
        ? 'Correct dataset.encoding'
        : 'Export the table as CSV in UTF-8, or set dataset.encoding, for example to "windows-1252"',
      cause,
    });
  }
}

function refuseBinary(text: string, { name }: Place, splitter: RowSplitter | null): void {
  const zero = text.indexOf('\0');
  if (zero === -1) return;
  throw new DatasetError({
    what: 'not a CSV',
    where: `${name}:${lineOf(splitter, text.slice(0, zero))}`,
    expected: 'text',
    got: 'binary data',
    hint: 'Export the table as CSV in UTF-8',
  });
}

function lineOf(splitter: RowSplitter | null, textBefore: string): number {
  const lineEnds = (text: string): number => text.match(LINE_END)?.length ?? 0;
  return (splitter?.line ?? 1) + lineEnds((splitter?.rest ?? '') + textBefore);
}

function rowTooLong(name: string, line: number, most: number): DatasetError {
  return new DatasetError({
    what: 'a row is too long',
    where: `${name}:${line}`,
    expected: `at most ${most} characters`,
    got: 'more',
    hint: 'Check that lines end with LF, CRLF or CR, and that quotes are closed',
  });
}
