import type { Row } from '../../../domain/dataset/csv/row.ts';

/** Texts of some rows as UTF-8, because millions of strings would need several times the memory. */
export interface PackedTexts {
  readonly bytes: Uint8Array;
  /** In UTF-16 units. */
  readonly lengths: Uint8Array | Uint16Array | Uint32Array;
}

export interface TextPacker {
  /** Takes the text of a cell without the spaces around it. @returns its length */
  add(row: Row, cell: number): number;
  /** What was taken since the last call. */
  finish(): PackedTexts;
}

const FIRST_BYTES = 64 * 1_024;
/** Bytes of UTF-8 that one UTF-16 unit needs at most. */
const MAX_UNIT_BYTES = 3;
const LAST_ASCII = 0x7f;

/** @param maxTexts as many are taken between two calls of `finish` */
export function createTextPacker(maxTexts: number): TextPacker {
  const lengths = new Uint32Array(maxTexts);
  let bytes = Buffer.allocUnsafe(FIRST_BYTES);
  let size = 0;
  let count = 0;

  function ensure(more: number): void {
    if (size + more <= bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (size + more));
    bytes.copy(larger, 0, 0, size);
    bytes = larger;
  }

  /** Most texts are ASCII, which needs no string. False: nothing was written. */
  function writeAscii(units: Uint16Array, start: number, end: number): boolean {
    let to = size;
    for (let at = start; at < end; at += 1) {
      const unit = units[at] as number;
      if (unit > LAST_ASCII) return false;
      bytes[to] = unit;
      to += 1;
    }
    size = to;
    return true;
  }

  return {
    add(row, cell) {
      const { units } = row;
      let start = row.starts[cell] as number;
      let end = row.ends[cell] as number;
      while (start < end && isCommonSpace(units[start] as number)) start += 1;
      while (start < end && isCommonSpace(units[end - 1] as number)) end -= 1;
      ensure((end - start) * MAX_UNIT_BYTES);
      let length = end - start;
      if (!writeAscii(units, start, end)) {
        const text = row.cell(cell).trim();
        size += bytes.write(text, size);
        ({ length } = text);
      }
      lengths[count] = length;
      count += 1;
      return length;
    },
    finish() {
      const packed = { bytes: bytes.subarray(0, size), lengths: lengths.subarray(0, count) };
      size = count = 0;
      return { bytes: new Uint8Array(packed.bytes), lengths: narrow(packed.lengths) };
    },
  };
}

export function unpackTexts({ bytes, lengths }: PackedTexts): string[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const texts: string[] = [];
  let from = 0;
  for (const length of lengths) {
    texts.push(all.slice(from, from + length));
    from += length;
  }
  return texts;
}

/** In as few bytes as the largest one needs. */
function narrow(lengths: Uint32Array): PackedTexts['lengths'] {
  let largest = 0;
  for (const length of lengths) largest = Math.max(largest, length);
  if (largest < 2 ** 8) return Uint8Array.from(lengths);
  return largest < 2 ** 16 ? Uint16Array.from(lengths) : lengths.slice();
}

/** Those of ASCII that `trim` removes, and the no-break space. */
function isCommonSpace(unit: number): boolean {
  return unit === 32 || unit === 160 || (unit >= 9 && unit <= 13);
}
