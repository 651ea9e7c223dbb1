/** The beginning of a text, in at most this many bytes of UTF-8. */
export function cutText(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return text;
  // Half a character at the end is decoded as U+FFFD.
  return `${new TextDecoder().decode(bytes.subarray(0, maxBytes)).replace(/\uFFFD+$/, '')}…`;
}

/** Without what would break a line of Markdown or of a terminal. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
}

/** One line of at most `maxChars` characters, and "…" when it is cut. */
export function shortText(text: string, maxChars: number): string {
  const chars = Array.from(oneLine(text.slice(0, 4 * maxChars)));
  if (chars.length <= maxChars && text.length <= 4 * maxChars) return chars.join('');
  return `${chars.slice(0, maxChars).join('')}…`;
}

/** `1,234`. By hand, because the workflow sandbox's Intl follows the worker's locale, and a replay must not. */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 micro-batch`, `1,234 micro-batches` */
export function counted(value: number, noun: string): string {
  const plural = /(ch|s)$/.test(noun) ? `${noun}es` : `${noun}s`;
  return `${groupDigits(value)} ${value === 1 ? noun : plural}`;
}

/** `2026-11-22 02:10:11 UTC` */
export function clockText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`;
}

/** `2026-11-29 14:03`, in UTC. */
export function minuteText(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
