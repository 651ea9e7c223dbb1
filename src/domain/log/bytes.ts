/**
 * Bytes in JSON: text where they are UTF-8, and base64 otherwise, so that different bytes never look the same. Text with
 * control characters is base64, too, because JSON needs six characters for each.
 */
export type JsonBytes = string | { readonly base64: string };

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** `String.fromCharCode` takes so many arguments. */
const PIECE = 8_192;

export function toJsonBytes(bytes: Uint8Array): JsonBytes {
  const text = decode(bytes);
  if (text !== undefined) return text;
  let binary = '';
  for (let at = 0; at < bytes.length; at += PIECE)
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return { base64: btoa(binary) };
}

function decode(bytes: Uint8Array): string | undefined {
  if (bytes.some((byte) => byte < 0x20)) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();

export function fromJsonBytes(json: JsonBytes): Uint8Array {
  if (typeof json === 'string') return encoder.encode(json);
  const binary = atob(json.base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

const BLOCK_BYTES = 65_536;

/** Copies bytes, many into one block. A view of a response from the broker would keep all of it in memory. */
export function createByteCopies(): (bytes: Uint8Array) => Uint8Array {
  let block = new Uint8Array(0);
  let used = 0;
  return (bytes) => {
    if (bytes.length > block.length - used) {
      block = new Uint8Array(Math.max(BLOCK_BYTES, bytes.length));
      used = 0;
    }
    const copy = block.subarray(used, used + bytes.length);
    copy.set(bytes);
    used += bytes.length;
    return copy;
  };
}

/**
 * Views by which words are read. Records that follow each other lie in the same memory, keys and values often in two: a
 * view of each is kept.
 *
 * @returns gives a view of all the memory that the bytes lie in
 */
export function createViews(): (bytes: Uint8Array) => DataView {
  let last: ArrayBufferLike | undefined;
  let before: ArrayBufferLike | undefined;
  let ofLast: DataView = new DataView(new ArrayBuffer(0));
  let ofBefore = ofLast;
  return ({ buffer }) => {
    if (buffer === last) return ofLast;
    if (buffer === before) return ofBefore;
    before = last;
    ofBefore = ofLast;
    last = buffer;
    ofLast = new DataView(buffer);
    return ofLast;
  };
}
