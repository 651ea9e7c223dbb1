/** Escapes what moves the cursor, reorders text or cannot be seen: the text may come from anybody. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One line of at most `maxChars` characters, safe on a terminal. */
export function printableText(text: string, maxChars: number): string {
  return clip(Array.from(text, escapeChar), maxChars);
}

/** The same for bytes; where they are no UTF-8, those that are no ASCII are shown as `\xff`. */
export function printableBytes(bytes: Uint8Array, maxChars: number): string {
  try {
    return printableText(utf8.decode(bytes), maxChars);
  } catch {
    return clip(Array.from(bytes, escapeByte), maxChars);
  }
}

function clip(parts: readonly string[], maxChars: number): string {
  let line = '';
  for (const part of parts) {
    if (line.length + part.length > maxChars) return `${line}…`;
    line += part;
  }
  return line;
}

function escapeChar(char: string): string {
  if (!UNPRINTABLE.test(char)) return char;
  const code = char.codePointAt(0) ?? 0;
  return code < 0x100 ? escapeByte(code) : `\\u{${code.toString(16)}}`;
}

function escapeByte(byte: number): string {
  const isAscii = byte >= 0x20 && byte < 0x7f;
  return isAscii ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
}
