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

/** Text stays text: it is written as UTF-8. */
export function fromJsonBytes(json: JsonBytes): string | Uint8Array {
  if (typeof json === 'string') return json;
  const binary = atob(json.base64);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** For people. */
export function describeBytes(json: JsonBytes | null): string {
  if (json === null) return 'none';
  return typeof json === 'string' ? json : `base64 ${json.base64}`;
}
