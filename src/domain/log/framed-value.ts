import type { ErrorFacts } from '../errors.ts';

/**
 * Confluent's serializers begin a value with a zero byte and the id of its schema, four bytes. JSON never begins with a
 * zero byte.
 */
export const FRAME_BYTES = 5;

/** How the values of a schema are read. */
export type ValueReader =
  | { readonly format: 'json' }
  | {
      readonly format: 'avro';
      /** Throws for other bytes than those of one value. */
      readonly decode: (payload: Uint8Array) => unknown;
    }
  | { readonly format: 'none'; readonly reason: Pick<ErrorFacts, 'what' | 'expected' | 'got' | 'hint'> };

export type FindReader = (schemaId: number) => ValueReader | undefined;

/** What the values of a topic are. */
export interface ValueFormat {
  /** Undefined: each value says itself whether it is framed. */
  readonly value?: 'json' | 'registry' | undefined;
  /** Undefined for a schema that has to be loaded first. Absent: framed values cannot be read. */
  readonly readerOf?: FindReader;
}

/** Framed or not, the values that this project writes are JSON. */
export const OWN_VALUES: ValueFormat = { readerOf: () => ({ format: 'json' }) };

/** @returns the id of the schema; undefined without a frame */
export function schemaIdOf(value: Uint8Array | null): number | undefined {
  if (value?.[0] !== 0 || value.length < FRAME_BYTES) return undefined;
  let id = 0;
  for (let i = 1; i < FRAME_BYTES; i += 1) id = 256 * id + (value[i] as number);
  return id;
}

export function withoutFrame(value: Uint8Array): Uint8Array {
  return schemaIdOf(value) === undefined ? value : value.subarray(FRAME_BYTES);
}

/** The bytes before a value. @param schemaId undefined: none */
export function frameOf(schemaId: number | undefined): Uint8Array {
  if (schemaId === undefined) return new Uint8Array(0);
  const frame = new Uint8Array(FRAME_BYTES);
  new DataView(frame.buffer).setUint32(1, schemaId);
  return frame;
}
