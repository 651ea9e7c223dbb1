import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRedactor, REDACTED, secretsOfUrl } from '../../../src/domain/redaction.ts';

const secret = fc.string({ unit: 'grapheme', minLength: 6, maxLength: 40 });
const other = fc.string({ maxLength: 10 });

test('a secret is replaced wherever it stands in a text', () => {
  fc.assert(
    fc.property(secret, other, other, (value, before, after) => {
      const text = createRedactor([value])(`${before}${value}${after}`);

      expect(text).toContain(REDACTED);
      expect(text.split(REDACTED).filter((rest) => rest.includes(value))).toEqual([]);
    }),
  );
});

test('a secret is replaced in JSON, in a URL and in a form', () => {
  fc.assert(
    fc.property(secret, (value) => {
      const redact = createRedactor([value]);
      const form = new URLSearchParams({ key: value }).toString();

      expect(redact(JSON.stringify({ value }))).toBe(`{"value":"${REDACTED}"}`);
      expect(redact(`?a=${encodeURIComponent(value)}&`)).toBe(`?a=${REDACTED}&`);
      expect(redact(form)).toBe(`key=${REDACTED}`);
    }),
  );
});

test.for(['base64', 'base64url'] as const)(
  'a secret is replaced in %s, whatever surrounds it',
  (encoding) => {
    fc.assert(
      fc.property(secret, other, other, (value, before, after) => {
        const encoded = Buffer.from(before + value + after).toString(encoding);
        const text = createRedactor([value])(encoded);

        expect(text).toContain(REDACTED);
        // What is left of it says less than a byte at each end.
        expect(text.replaceAll(REDACTED, '').length).toBeLessThan(encoded.length - 1.25 * value.length + 5);
      }),
    );
  },
);

test('of two secrets, one a part of the other, nothing is left', () => {
  expect(createRedactor(['hunter', 'hunter2-long'])('a hunter2-long and a hunter')).toBe(
    `a ${REDACTED} and a ${REDACTED}`,
  );
});

test('other text stays as it is, and a short secret does not blank ordinary words', () => {
  const text = 'the step is retried: port 8234 of kafka';

  expect(createRedactor(['kafka', 'step', '8234', ''])(text)).toBe(text);
  expect(createRedactor([])(text)).toBe(text);
});

test.for<[string, string]>([
  ['Cannot POST /services/T123/B456', 'Cannot POST [secret]'],
  ['no hook XkcdToken99', 'no hook [secret]'],
  ['wrong key: s3cret key', 'wrong key: [secret]'],
  ['wrong key: s3cret%20key', 'wrong key: [secret]'],
  ['services are up', 'services are up'],
])('what can be a secret of a URL is replaced: %s', ([text, expected]) => {
  const urls = ['https://h/services/T123/B456', 'https://h/hook/XkcdToken99', 'https://h/?key=s3cret%20key'];

  expect(createRedactor(urls.flatMap(secretsOfUrl))(text)).toBe(expected);
});
