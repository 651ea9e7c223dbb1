/** Replaces every secret in a text. */
export type Redact = (text: string) => string;

export const REDACTED = '[secret]';
/** Shorter values are ordinary words and numbers: replacing them would make messages unreadable. */
const MIN_CHARS = 6;

/** @param secrets in any order; too short ones are ignored */
export function createRedactor(secrets: readonly string[]): Redact {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_CHARS).flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  // The longest first: a secret may be a part of another one.
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(longestFirst.map((form) => form.replaceAll(/[^\w\s]/g, '\\$&')).join('|'), 'g');
  return (text) => text.replace(pattern, REDACTED);
}

/** What of a URL can be a secret: its path and query as a whole, and their parts that look like a token. */
export function secretsOfUrl(url: string): readonly string[] {
  const { username, password, pathname, search, searchParams } = new URL(url);
  const values = [username, password, ...searchParams.values()];
  const tokens = pathname.split('/').filter(isTokenLike);
  return [pathname, search, ...values, ...tokens].flatMap((text) => [text, decoded(text)]);
}

/** Not "services" or "webhook", which other messages also contain. */
function isTokenLike(segment: string): boolean {
  return segment.length >= 16 || (segment.length >= 8 && /\d/.test(segment));
}

/** As it may stand in texts, JSON, URLs, and base64 of a longer text, such as `user:password`. */
function formsOf(secret: string): string[] {
  const inUrl = encodeURIComponent(secret);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    inUrl,
    inUrl.replaceAll(/%[\dA-F]{2}/g, (code) => code.toLowerCase()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    ...base64Forms(secret),
  ];
}

/** Three bytes make four digits, so what comes before a secret decides which of three forms it has. */
function base64Forms(secret: string): string[] {
  const bytes = Array.from(new TextEncoder().encode(secret), (byte) => String.fromCharCode(byte)).join('');
  return [0, 1, 2].flatMap((before) => {
    const digits = btoa('\0'.repeat(before) + bytes);
    // The first and last digits also depend on the neighbours.
    const own = digits.slice([0, 2, 3][before]).replace(/.?=+$/, '');
    return [own, own.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
