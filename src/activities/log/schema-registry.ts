import { SchemaRegistryError } from '../../domain/errors.ts';
import type { ValueReader } from '../../domain/log/framed-value.ts';
import { ratingJsonSchema } from '../../domain/log/rating-record.ts';
import { predictionJsonSchema } from '../../domain/log/prediction.ts';
import type { RatingSchema } from '../../domain/dataset/rating-table.ts';
import { predictionsTopic, valueSubject } from '../../domain/names.ts';

/** Port: the schemas that values are written with. */
export interface SchemaRegistry {
  /** Undefined for a schema that was not loaded, or not recently. */
  find(schemaId: number): ValueReader | undefined;
  /** @throws SchemaRegistryError; never because a schema is unknown or cannot be used: that is what its reader says */
  load(schemaId: number, signal: AbortSignal): Promise<ValueReader>;
  /**
   * The id of a JSON schema in a subject, registered if it is new.
   * @throws SchemaRegistryError; SchemaRefused when it does not fit the earlier ones
   */
  register(subject: string, jsonSchema: string, signal: AbortSignal): Promise<number>;
}

/** @throws SchemaRegistryError */
export function requireRegistry(schemas: SchemaRegistry | undefined): SchemaRegistry {
  if (schemas) return schemas;
  throw new SchemaRegistryError({
    what: 'this worker uses no Schema Registry',
    expected: 'the registry that the input asks for ("stream.value" or "stream.registerSchemas")',
    got: 'no SCHEMA_REGISTRY_URL',
    hint: 'Set SCHEMA_REGISTRY_URL on all workers and restart them; the step then continues by itself',
  });
}

export function registerPredictions(
  schemas: SchemaRegistry | undefined,
  topic: string,
  signal: AbortSignal,
): Promise<number> {
  return requireRegistry(schemas).register(
    valueSubject(predictionsTopic(topic)),
    predictionJsonSchema(),
    signal,
  );
}

/** Also the schema of the predictions: if that is refused, no row must have been written. */
export async function registerRows(
  schemas: SchemaRegistry | undefined,
  topic: string,
  schema: RatingSchema,
  signal: AbortSignal,
): Promise<number> {
  await registerPredictions(schemas, topic, signal);
  return requireRegistry(schemas).register(valueSubject(topic), ratingJsonSchema(schema), signal);
}
