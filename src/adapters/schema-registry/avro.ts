import avro, { type ForSchemaOptions, type Schema } from 'avsc';

const { Type, types } = avro;

/**
 * Compiles a decoder of values. Numbers are numbers, whatever their kind: an integer beyond 2^53 is rounded, as in JSON,
 * and so are decimals. Of a union, the value alone is returned.
 *
 * @param schemas the last one is that of the values; those that it refers to come first
 * @returns throws for other bytes than those of one value
 * @throws Error when a schema is not valid
 */
export function compileAvro(schemas: readonly unknown[]): (payload: Uint8Array) => unknown {
  // Names of earlier schemas are known to the later ones.
  const options = {
    registry: { long: ROUNDED_LONG },
    logicalTypes: { decimal: Decimal },
    typeHook: plainUnions(),
  };
  const compiled = schemas.map((schema) => Type.forSchema(schema as Schema, options));
  const type = compiled.at(-1) as avro.Type;
  return (payload) =>
    type.fromBuffer(Buffer.from(payload.buffer, payload.byteOffset, payload.length)) as unknown;
}

/** Without it, one large id that nobody wants makes its whole record unreadable. */
const ROUNDED_LONG = types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: refuseToWrite,
  fromJSON: Number,
  toJSON: Number,
  isValid: Number.isInteger,
  compare: (a: number, b: number) => a - b,
});

/** Integers of so many bytes are exact doubles. */
const EXACT_BYTES = 6;
/** These powers of ten are exact doubles, so one division is rounded once. */
const EXACT_SCALE = 22;

class Decimal extends types.LogicalType {
  readonly #scale: number;

  constructor(schema: Schema, options?: unknown) {
    super(schema, options as ConstructorParameters<typeof types.LogicalType>[1]);
    const { scale = 0 } = schema as { readonly scale?: unknown };
    if (typeof scale !== 'number' || !Number.isInteger(scale) || scale < 0)
      throw new Error(`scale of a decimal: ${JSON.stringify(scale)}`);
    if (!Type.isType(this.underlyingType, 'bytes', 'fixed')) throw new Error('a decimal is bytes or fixed');
    this.#scale = scale;
  }

  protected override _fromValue(bytes: Buffer): number {
    if (bytes.length === 0) return Number.NaN;
    if (bytes.length <= EXACT_BYTES && this.#scale <= EXACT_SCALE)
      return bytes.readIntBE(0, bytes.length) / 10 ** this.#scale;
    const unscaled = BigInt.asIntN(8 * bytes.length, BigInt(`0x${bytes.toString('hex')}`));
    return Number(`${unscaled}e-${this.#scale}`);
  }

  protected override _toValue = refuseToWrite;
  protected override _resolve = () => undefined;
}

/** avsc wraps the value of a union whose branches look alike in JavaScript, such as int and double. */
class PlainUnion extends types.LogicalType {
  protected override _fromValue(value: { unwrap(): unknown } | null): unknown {
    return value === null ? null : value.unwrap();
  }

  protected override _toValue = refuseToWrite;
  protected override _resolve = () => undefined;
}

function plainUnions(): ForSchemaOptions['typeHook'] {
  const seen = new WeakSet();
  return (schema, options) => {
    if (!Array.isArray(schema) || seen.has(schema)) return undefined;
    seen.add(schema);
    const union = Type.forSchema(schema, options);
    return Type.isType(union, 'union:wrapped') ? new PlainUnion(union, options) : union;
  };
}

function refuseToWrite(): never {
  throw new Error('Avro is only read');
}
