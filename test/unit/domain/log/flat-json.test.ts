import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteWriter } from '../../../../src/domain/log/byte-writer.ts';
import { FlatJsonReader } from '../../../../src/domain/log/flat-json.ts';

const FIELDS = ['a', 'bc', 'größe', 'say "hi"', '__proto__', ''];
const encoder = new TextEncoder();

/** @returns undefined when it is not plain */
function read(text: string | Uint8Array, fields: readonly string[] = FIELDS): number[] | undefined {
  const values = new Float64Array(fields.length);
  const bytes = typeof text === 'string' ? encoder.encode(text) : text;
  return new FlatJsonReader(fields).read(bytes, values) ? [...values] : undefined;
}

function expectedOf(text: string, fields: readonly string[] = FIELDS): number[] {
  const object = JSON.parse(text) as Record<string, unknown>;
  return fields.map((field) => (Object.hasOwn(object, field) ? (object[field] as number) : Number.NaN));
}

const space = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
const digits = fc.stringMatching(/^\d{0,24}$/);
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    fc.oneof(
      fc.constant('0'),
      digits.map((more) => `${(more.length % 9) + 1}${more}`),
    ),
    fc.oneof(
      fc.constant(''),
      digits.map((more) => `.${more}0`),
      digits.map((more) => `.0000${more}7`),
    ),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('') },
      fc.tuple(fc.constantFrom('e', 'E', 'e+', 'e-'), fc.nat(400)).map(([e, exponent]) => `${e}${exponent}`),
    ),
  )
  .map((parts) => parts.join(''));

describe('a flat object of plain text and numbers', () => {
  test('has the numbers of JSON.parse, bit for bit', () => {
    const field = fc.tuple(
      fc.constantFrom('a', 'bc', '__proto__', '', 'other', 'b'),
      fc.oneof(numberText, fc.double({ noNaN: true, noDefaultInfinity: true }).map(String)),
      space,
    );
    fc.assert(
      fc.property(fc.array(field, { maxLength: 8 }), space, (entries, between) => {
        const text = `${between}{${between}${entries
          .map(([name, number, gap]) => `${JSON.stringify(name)}${gap}:${between}${number}${gap}`)
          .join(`,${between}`)}}${between}`;
        const expected = expectedOf(text);
        const all = entries.map(([, number]) => Number(number));

        const found = read(text);
        if (all.every(Number.isFinite)) expect(found).toEqual(expected);
        // An infinite number is an error, whose text needs the value.
        else expect(found).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  test('may have other texts, which are passed over', () => {
    expect(read('{"title":"A, B: {C}","a":1.5,"note":"","bc":-0}', ['a', 'bc'])).toEqual([1.5, -0]);
  });
});

test('whatever text is read has the numbers of JSON.parse', () => {
  const almost = fc.oneof(
    fc.json(),
    fc
      .array(
        fc.constantFrom(
          '{',
          '}',
          '"a"',
          ':',
          ',',
          '1',
          '-',
          '.5',
          'e3',
          '01',
          ' ',
          'null',
          '"bc"',
          '[',
          ']',
          '"\\u0061"',
        ),
      )
      .map((parts) => parts.join('')),
    fc
      .tuple(
        fc.constantFrom('{"a":', '{"bc" : '),
        numberText,
        fc.constantFrom('}', '', ',}', '}}', 'x}', '} '),
      )
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(almost, (text) => {
      const found = read(text);
      if (found !== undefined) expect(found).toEqual(expectedOf(text));
    }),
    { numRuns: 2_000 },
  );
});

test.for([
  '',
  '{',
  '{"a"}',
  '{"a":}',
  '{"a":1,}',
  '{"a":1}x',
  '{"a":01}',
  '{"a":+1}',
  '{"a":.5}',
  '{"a":1.}',
  '{"a":1e}',
  '{"a":1e999}',
  '{"a":"1"}',
  '{"a":null}',
  '{"a":[1]}',
  '{"x":{}}',
  '{"x":true}',
  '{"\\u0061":1}',
  '{"größe":1}',
  '{"x":"ü"}',
  '{"x":"a\tb"}',
  '[1]',
  '1',
  '\uFEFF{"a":1}',
])('what is not plain is left to JSON.parse: %s', (text) => {
  expect(read(text)).toBeUndefined();
});

test('bytes that are not UTF-8 are left to JSON.parse', () => {
  expect(read(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d))).toBeUndefined();
});

test('numbers are written as JSON.stringify writes them', () => {
  const writer = new ByteWriter();
  const anyNumber = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.nat(),
    fc.maxSafeInteger(),
    fc.constantFrom(0, -0, 1e9, 1e9 - 1, 10, 99, 100),
  );
  fc.assert(
    fc.property(fc.array(anyNumber, { maxLength: 200 }), (numbers) => {
      writer.clear();
      for (const number of numbers) writer.number(number).bytes(encoder.encode(','));

      expect(new TextDecoder().decode(writer.view())).toBe(
        numbers.map((number) => `${JSON.stringify(number)},`).join(''),
      );
    }),
  );
});
