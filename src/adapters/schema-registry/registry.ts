import { LRUCache } from 'lru-cache';
import type { SchemaRegistry } from '../../activities/log/schema-registry.ts';
import type { SchemaRegistrySettings } from '../../config/schema-registry-settings.ts';
import { SchemaRefused } from '../../domain/errors.ts';
import type { ValueReader } from '../../domain/log/framed-value.ts';
import { compileAvro } from './avro.ts';
import { createClient, type Ask } from './client.ts';

/** More than the topics of a worker have; a compiled schema takes some kilobytes. */
const CACHED_SCHEMAS = 1_000;
/** An id that is unknown now may be registered soon. A schema never changes. */
const UNKNOWN_FOR_MS = 10_000;

/** Confluent's codes of errors. */
const NO_SUBJECT = 40_401;
const NO_SCHEMA = 40_403;
const INCOMPATIBLE = 409;
const INVALID_SCHEMA = 42_201;
const NOT_FOUND = [NO_SUBJECT, NO_SCHEMA];

interface StoredSchema {
  readonly schema: string;
  /** Absent for Avro. */
  readonly schemaType?: string;
  readonly references?: readonly SchemaReference[];
}

interface SchemaReference {
  readonly subject: string;
  readonly version: number;
}

/** Confluent's Schema Registry, or another one with its API. */
export function createSchemaRegistry(settings: SchemaRegistrySettings): SchemaRegistry {
  const ask = createClient(settings);
  const readers = new LRUCache<number, ValueReader>({ max: CACHED_SCHEMAS });

  return {
    find: (schemaId) => readers.get(schemaId),

    async load(schemaId, signal) {
      const known = readers.get(schemaId);
      if (known) return known;
      const { errorCode, body } = await ask({
        what: `cannot read schema ${schemaId}`,
        path: `/schemas/ids/${schemaId}`,
        expected: [NO_SCHEMA],
        signal,
      });
      if (errorCode === NO_SCHEMA) {
        const reader = unknownSchema(schemaId, settings.url);
        readers.set(schemaId, reader, { ttl: UNKNOWN_FOR_MS });
        return reader;
      }
      const reader = await toReader(ask, schemaId, body as unknown as StoredSchema, signal);
      readers.set(schemaId, reader);
      return reader;
    },

    async register(subject, jsonSchema, signal) {
      const path = `/subjects/${encodeURIComponent(subject)}`;
      const body = { schemaType: 'JSON', schema: jsonSchema };
      // A look-up first: a registry may let us read only what an operator has registered.
      const what = `cannot register the schema of ${subject}`;
      const found = await ask({ what, path, body, expected: NOT_FOUND, signal });
      if (found.errorCode === 0) return requireId(found.body);
      const expected = [INCOMPATIBLE, INVALID_SCHEMA];
      const answer = await ask({ what, path: `${path}/versions`, body, expected, signal });
      if (answer.errorCode !== 0) throw refused(subject, jsonSchema, answer.message);
      return requireId(answer.body);
    },
  };
}

function unknownSchema(schemaId: number, url: string): ValueReader {
  return {
    format: 'none',
    reason: {
      what: `record has the unknown schema id ${schemaId}`,
      expected: `a schema of ${url}`,
      got: 'an id that the Schema Registry does not have',
      hint: 'Its producer uses another registry, or the schema was deleted',
    },
  };
}

async function toReader(
  ask: Ask,
  schemaId: number,
  stored: StoredSchema,
  signal: AbortSignal,
): Promise<ValueReader> {
  const { schemaType = 'AVRO' } = stored;
  if (schemaType === 'JSON') return { format: 'json' };
  if (schemaType !== 'AVRO') {
    return unreadable(
      `record is of type ${schemaType}, which is not read`,
      `schema ${schemaId} of that type`,
    );
  }
  const schemas = await withReferences(ask, stored, signal);
  try {
    return { format: 'avro', decode: compileAvro(schemas.map((text) => JSON.parse(text) as unknown)) };
  } catch (error) {
    return unreadable(
      'the Avro schema of the record cannot be used',
      `schema ${schemaId}: ${(error as Error).message}`,
    );
  }
}

function unreadable(what: string, got: string): ValueReader {
  return { format: 'none', reason: { what, expected: 'Avro, JSON Schema or plain JSON', got } };
}

/** The schema's text behind those that it refers to, each once. */
async function withReferences(ask: Ask, root: StoredSchema, signal: AbortSignal): Promise<string[]> {
  const visited = new Set<string>();
  const texts: string[] = [];
  async function visit({ schema, references = [] }: StoredSchema): Promise<void> {
    for (const { subject, version } of references) {
      const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`;
      if (visited.has(path)) continue;
      visited.add(path);
      const what = `cannot read version ${version} of ${subject}`;
      const { body } = await ask({ what, path, expected: [], signal });
      await visit(body as unknown as StoredSchema);
    }
    texts.push(schema);
  }
  await visit(root);
  return texts;
}

function requireId({ id }: Readonly<Record<string, unknown>>): number {
  if (typeof id === 'number') return id;
  throw new Error(`the Schema Registry answered without an id: ${JSON.stringify(id)}`);
}

function refused(subject: string, jsonSchema: string, message: string): SchemaRefused {
  return new SchemaRefused({
    what: 'the Schema Registry refuses the schema of what would be written',
    where: subject,
    expected: 'one that is compatible with the earlier ones of the subject',
    got: `${message.slice(0, MAX_REASON_CHARS)}; the schema is ${jsonSchema.slice(0, MAX_REASON_CHARS)}`,
    hint: 'Nothing was written. Use another topic, or change the compatibility of the subject',
  });
}

const MAX_REASON_CHARS = 600;
