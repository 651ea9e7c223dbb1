/** What moves the cursor, reorders text or cannot be seen: the text may come from any producer. */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/u;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Lines that are safe on a terminal. */
export function printableLines(text: string): string {
  return Array.from(text, (char) => (char === '\n' ? char : escapeChar(char))).join('');
}

/** One line of at most `maxChars` characters, safe on a terminal. */
export function printableText(text: string, maxChars: number): string {
  return clip(Array.from(text, escapeChar), maxChars);
}

/** The same for bytes. Where they are not UTF-8, those outside ASCII are shown as `\xff`. */
export function printableBytes(bytes: Uint8Array, maxChars: number): string {
  try {
    return printableText(utf8.decode(bytes), maxChars);
  } catch {
    return clip(Array.from(bytes, escapeByte), maxChars);
  }
}

/** Breaks lines between words where they are longer than `width`; a longer word stays whole. */
export function wrapText(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => {
      let length = 0;
      return line
        .split(' ')
        .map((word, i) => {
          const fits = i === 0 || length + 1 + word.length <= width;
          length = fits ? length + (i === 0 ? 0 : 1) + word.length : word.length;
          return `${i === 0 ? '' : fits ? ' ' : '\n'}${word}`;
        })
        .join('');
    })
    .join('\n');
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

/** A time of Temporal's protocol, as ISO 8601. */
export function timeOf(
  timestamp: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): string | undefined {
  if (!timestamp) return undefined;
  return new Date(Number(timestamp.seconds ?? 0) * 1_000 + (timestamp.nanos ?? 0) / 1e6).toISOString();
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** `23 h`, `3 min`, `12 s`: in the largest unit of which there are at least two, else in seconds. */
export function spanText(fromIso: string, toIso: string): string {
  const ms = Math.max(0, Date.parse(toIso) - Date.parse(fromIso));
  const [unit, unitMs] = UNITS.find(([, size]) => ms >= 2 * size) ?? ['s', 1_000];
  return `${Math.round(ms / unitMs)} ${unit}`;
}
