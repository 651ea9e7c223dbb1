import { Type, type Schema } from 'avsc';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileAvro } from '../../../../src/adapters/schema-registry/avro.ts';

function film(...fields: readonly (readonly [name: string, type: unknown])[]): unknown {
  return { type: 'record', name: 'Film', fields: fields.map(([name, type]) => ({ name, type })) };
}

function decode(schema: unknown, ...bytes: readonly number[]): unknown {
  return compileAvro([schema])(Uint8Array.from(bytes));
}

const AMOUNT = { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 };
const FIXED = { type: 'fixed', name: 'Amount', size: 3, logicalType: 'decimal', precision: 6, scale: 1 };

test.for<[title: string, type: unknown, bytes: number[], value: unknown]>([
  ['int', 'int', [0x05], -3],
  ['long', 'long', [0x80, 0x80, 0x01], 8192],
  ['float', 'float', [0, 0, 0xc0, 0x3f], 1.5],
  ['double', 'double', [0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
  ['NaN', 'double', [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], Number.NaN],
  ['boolean', 'boolean', [1], true],
  ['a date', { type: 'int', logicalType: 'date' }, [0x04], 2],
  ['null of a union', ['null', 'double'], [0], null],
  ['a number of a union', ['null', 'int'], [2, 0x0e], 7],
  ['a union of kinds of numbers', ['null', 'int', 'double'], [4, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f], 1.5],
  ['null of such a union', ['null', 'int', 'double'], [0], null],
  ['a decimal in bytes', AMOUNT, [0x04, 0x30, 0x39], 123.45],
  ['a negative decimal', AMOUNT, [0x02, 0xff], -0.01],
  ['a fixed decimal', FIXED, [0xff, 0xff, 0xf6], -1],
  ['a decimal of a union', ['null', AMOUNT], [2, 0x02, 0x0a], 0.1],
  ['a decimal beside numbers', ['null', 'long', 'double', AMOUNT], [6, 0x02, 0x0a], 0.1],
])('reads %s', ([, type, bytes, value]) => {
  expect(decode(film(['x', type]), ...bytes)).toEqual({ x: value });
});

test('reads records in records, also behind unions', () => {
  const inner = { type: 'record', name: 'Cast', fields: [{ name: 'likes', type: ['null', 'int', 'long'] }] };
  const other = { type: 'record', name: 'Crew', fields: [{ name: 'size', type: 'int' }] };

  expect(decode(film(['cast', ['null', inner, other]]), 2, 4, 0x0e)).toEqual({ cast: { likes: 7 } });
});

test('reads a record that contains records of its own kind', () => {
  const tree = film(['x', 'int'], ['next', ['null', 'Film']]);

  expect(decode(tree, 2, 2, 4, 0)).toEqual({ x: 1, next: { x: 2, next: null } });
});

test('arrays, maps, enums and texts do not hinder the numbers behind them', () => {
  const fields = film(
    ['tags', { type: 'array', items: 'string' }],
    ['votes', { type: 'map', values: 'int' }],
    ['colour', { type: 'enum', name: 'Colour', symbols: ['BW', 'COLOUR'] }],
    ['title', 'string'],
    ['x', 'int'],
  );
  const bytes = [2, 2, 0x61, 0, 2, 2, 0x62, 4, 0, 2, 2, 0x63, 0x0e];

  expect(decode(fields, ...bytes)).toEqual({
    tags: ['a'],
    votes: { b: 2 },
    colour: 'COLOUR',
    title: 'c',
    x: 7,
  });
});

test('a field that a later schema has by default is not invented for an earlier one', () => {
  const schema = { ...(film(['x', 'int']) as object) } as { fields: object[] };
  schema.fields.push({ name: 'y', type: 'int', default: 5 });

  expect(() => decode(schema, 2)).toThrow('truncated');
  expect(decode(film(['x', 'int']), 2)).toEqual({ x: 1 });
});

/** Zigzag, seven bits a byte. */
function longBytes(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

test('a long is the double that is nearest to it, as in JSON', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (id) => {
      expect(decode(film(['id', 'long'], ['x', 'int']), ...longBytes(id), 0x0e)).toEqual({
        id: Number(id),
        x: 7,
      });
    }),
  );
});

test('a decimal is the double that is nearest to it, whatever its size and scale', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }),
      fc.nat({ max: 40 }),
      (unscaled, scale) => {
        const hex = BigInt.asUintN(128, unscaled).toString(16).padStart(32, '0');
        const schema = { ...AMOUNT, precision: 38, scale };

        expect(decode(film(['x', schema]), 32, ...Buffer.from(hex, 'hex'))).toEqual({
          x: Number(`${unscaled}e-${scale}`) + 0,
        });
      },
    ),
  );
});

test('short decimals are as exact as long ones', () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 22 }), (unscaled, scale) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(unscaled);

      expect(decode(film(['x', { ...AMOUNT, scale }]), 8, ...bytes)).toEqual({
        x: Number(`${unscaled}e-${scale}`) + 0,
      });
    }),
  );
});

test.for([
  ['too short', [2]],
  ['too long', [2, 4, 6]],
  ['empty', []],
] as const)('bytes that are %s are refused', ([, bytes]) => {
  expect(() => decode(film(['x', 'int'], ['y', 'int']), ...bytes)).toThrow();
});

test('a schema may use the types of those before it', () => {
  const money = {
    type: 'record',
    name: 'Money',
    namespace: 'shop',
    fields: [{ name: 'amount', type: 'int' }],
  };
  const order = { type: 'record', name: 'Order', fields: [{ name: 'total', type: 'shop.Money' }] };

  expect(compileAvro([money, order])(Uint8Array.of(0x0e))).toEqual({ total: { amount: 7 } });
});

test('values of any schema are those that were written', () => {
  const schema = film(['a', 'double'], ['b', ['null', 'long']], ['c', { type: 'array', items: 'float' }]);
  const type = Type.forSchema(schema as Schema);
  fc.assert(
    fc.property(fc.double(), fc.option(fc.integer()), fc.array(fc.float()), (a, b, c) => {
      const bytes = type.toBuffer({ a, b, c });

      expect(compileAvro([schema])(new Uint8Array(bytes))).toEqual({ a, b: b === null ? b : b + 0, c });
    }),
  );
});
