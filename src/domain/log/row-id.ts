import { header, recordKey, recordSchema, type PublishedSplit } from '../names.ts';
import { headerBytes, headerText, isEqual, type LogRecord } from './record.ts';

const encoder = new TextEncoder();

/**
 * Reads the rows of a run's own keys, see `recordKey`.
 *
 * @returns the row id; undefined for every other key, so that two keys never have the same
 */
export function rowIdOfKey(run: string, split: PublishedSplit): (key: Uint8Array) => number | undefined {
  const prefix = encoder.encode(recordKey(run, split, ''));
  return (key) => {
    // From the end: keys of other rows begin in the same way.
    for (let i = prefix.length - 1; i >= 0; i -= 1) if (key[i] !== prefix[i]) return undefined;
    return endsWithNumber(key, prefix.length);
  };
}

const ZERO = 0x30;
/** A double holds every number of so many digits. */
const MAX_DIGITS = 15;

/** @returns undefined unless all bytes from there on are the usual digits of a number */
function endsWithNumber(bytes: Uint8Array, from: number): number | undefined {
  const digits = bytes.length - from;
  if (digits < 1 || digits > MAX_DIGITS || (digits > 1 && bytes[from] === ZERO)) return undefined;
  let number = 0;
  for (let i = from; i < bytes.length; i += 1) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit < 0 || digit > 9) return undefined;
    number = 10 * number + digit;
  }
  return number;
}

const SLASH = 0x2f;

const ROW_SCHEMAS = (['batch', 'stream'] as const).map((split) => encoder.encode(recordSchema(split)));

/** Row ids of another producer's header, or of keys that a run has written. NaN if there is none. */
export function createRowIds(): (record: LogRecord) => number {
  // Neighbours often share one array.
  let last: LogRecord['headers'] | undefined;
  let ofHeader: number | undefined;
  let isRow = false;
  return (record) => {
    if (record.headers !== last) {
      last = record.headers;
      const text = headerText(record, header.rowId);
      ofHeader = text === undefined ? undefined : parseRowId(text);
      const schema = headerBytes(record, header.schema);
      isRow = ROW_SCHEMAS.some((bytes) => isEqual(schema, bytes));
    }
    if (ofHeader !== undefined) return ofHeader;
    if (record.key === null || !isRow) return Number.NaN;
    return endsWithNumber(record.key, record.key.lastIndexOf(SLASH) + 1) ?? Number.NaN;
  };
}

function parseRowId(text: string): number {
  const rowId = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(rowId) ? rowId : Number.NaN;
}
