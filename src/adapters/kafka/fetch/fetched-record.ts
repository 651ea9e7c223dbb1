import type { LogRecord } from '../../../domain/log/record.ts';
import type { RecordParser } from './record-parser.ts';

/** A record as it lies in the response. What few readers look at is made when they do. */
export class FetchedRecord implements LogRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: LogRecord['headers'];
  readonly #timestampOf: () => string;

  constructor(
    partition: number,
    offset: number,
    key: Buffer | null,
    value: Buffer | null,
    headers: LogRecord['headers'],
    timestampOf: () => string,
  ) {
    this.partition = partition;
    this.offset = offset;
    this.key = key;
    this.value = value;
    this.headers = headers;
    this.#timestampOf = timestampOf;
  }

  get timestamp(): string {
    return this.#timestampOf();
  }
}

export type ParseHeaders = (bytes: Buffer, parser: RecordParser) => LogRecord['headers'];

const EMPTY = Buffer.alloc(0);
const NO_HEADERS: LogRecord['headers'] = [];

/** Neighbours often have the same headers: those share one array, which their reader may recognise. */
export function createHeaderParser(): ParseHeaders {
  let last: { readonly bytes: Buffer; readonly headers: LogRecord['headers'] } | undefined;
  return (bytes, parser) => {
    const start = parser.position();
    const count = parser.varint();
    if (count <= 0) return NO_HEADERS;
    for (let left = 2 * count; left > 0; left -= 1) parser.pass();
    const end = parser.position();
    if (last?.bytes.length === end - start && bytes.compare(last.bytes, 0, undefined, start, end) === 0)
      return last.headers;
    const headers = parser.at(start, () => parseAll(parser));
    last = { bytes: bytes.subarray(start, end), headers };
    return headers;
  };
}

function parseAll(parser: RecordParser): LogRecord['headers'] {
  const headers: [string, Buffer][] = [];
  // Kafka's null is empty here.
  for (let left = parser.varint(); left > 0; left -= 1)
    headers.push([parser.text(), parser.bytes() ?? EMPTY]);
  return headers;
}
