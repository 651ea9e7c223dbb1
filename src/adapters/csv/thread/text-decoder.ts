import { isAscii, isUtf8 } from 'node:buffer';
import { InvalidInput } from '../../../domain/errors.ts';

/** Bytes that are no text in the encoding. */
export class UndecodableBytes extends Error {
  override readonly name = 'UndecodableBytes';
  /** The text before them, since the last call. */
  readonly before: string;
  /** Of the first such byte, from the beginning of the decoded bytes. */
  readonly offset: number;
  readonly byte: number;

  constructor(before: string, offset: number, byte: number) {
    super('undecodable bytes');
    this.before = before;
    this.offset = offset;
    this.byte = byte;
  }
}

export interface Decoder {
  /** @throws UndecodableBytes */
  decode(bytes: Buffer, isLast: boolean): string;
}

const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** @throws InvalidInput when `dataset.encoding` is no label of the Encoding Standard */
export function encodingOf(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (cause) {
    throw new InvalidInput({
      what: 'dataset.encoding is unknown',
      expected: 'a name of an encoding like "utf-8", "utf-16le" or "windows-1252"',
      got: JSON.stringify(label),
      cause,
    });
  }
}

/** UTF-8, unless a byte order mark or the places of zero bytes say that it is UTF-16. */
export function findEncoding(head: Buffer): string {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, i) => head[i] === byte));
  if (marked) return marked[0];
  const zeros = [0, 0];
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] as number) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  // Digits, delimiters and line ends of any table have a zero as their upper byte.
  if (Math.max(even, odd) < head.length / 20 || Math.min(even, odd) > Math.max(even, odd) / 20)
    return 'utf-8';
  return even > odd ? 'utf-16be' : 'utf-16le';
}

export function createDecoder(encoding: string): Decoder {
  if (encoding === 'utf-8') return createUtf8Decoder();
  if (encoding === 'windows-1252') return { decode: decodeWindows1252 };
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let done = 0;
  return {
    decode(bytes, isLast) {
      try {
        const text = decoder.decode(bytes, { stream: !isLast });
        done += bytes.length;
        return text;
      } catch {
        throw undecodable(encoding, bytes, done);
      }
    },
  };
}

/** The TextDecoder of some versions of Node.js takes windows-1252 for latin1: 0x80 to 0x9f differ. */
function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replaceAll(/[\u0080-\u009f]/g, (char) => UPPER[char.charCodeAt(0) - 0x80] as string);
}
const UPPER = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Some times faster than TextDecoder, and ASCII stays one byte a character. */
function createUtf8Decoder(): Decoder {
  let rest: Buffer = Buffer.alloc(0);
  let done = 0;
  return {
    decode(bytes, isLast) {
      const all = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
      const whole = isLast ? all : all.subarray(0, all.length - cutBytes(all));
      if (!isUtf8(whole)) throw undecodable('utf-8', whole, done);
      rest = Buffer.from(all.subarray(whole.length));
      done += whole.length;
      return whole.toString(isAscii(whole) ? 'latin1' : 'utf8');
    },
  };
}

/** Bytes at the end that begin a character which is not complete. */
function cutBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
  }
  return 0;
}

/** Finds the first wrong byte by halving: every prefix before it can be decoded. */
function undecodable(encoding: string, bytes: Buffer, done: number): UndecodableBytes {
  const prefix = (length: number): string | null => {
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length), {
        stream: true,
      });
    } catch {
      return null;
    }
  };
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (prefix(middle) === null) bad = middle;
    else good = middle;
  }
  // In UTF-8, what is wrong may be that a character begun before does not go on.
  const begun = encoding === 'utf-8' ? cutBytes(bytes.subarray(0, good)) : 0;
  return new UndecodableBytes(prefix(good) ?? '', done + good - begun, bytes[good - begun] as number);
}
