import { UsageError } from './exit.ts';

/** `--set forest.trees=50`, before the schema of the input says what the text means. */
export interface Setting {
  readonly path: readonly string[];
  readonly text: string;
}

/** The part of an input's JSON Schema that decides how a text is read. */
export interface FieldSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
  readonly items?: FieldSchema;
  readonly properties?: Readonly<Record<string, FieldSchema>>;
  readonly additionalProperties?: boolean | FieldSchema;
}

/** Commander calls it for each `--set`. */
export function collectSetting(text: string, previous: readonly Setting[]): Setting[] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) {
    throw new UsageError(`--set ${text}: expected key=value, for example forest.trees=50`);
  }
  return [...previous, { path: key.split('.'), text: value }];
}

/**
 * The value of a setting, of a type that its field accepts if there is one: `2022` is a text for a field that takes
 * texts, and `2020,2021` is a list for one that takes lists. The schema refuses what is left.
 */
export function valueOf({ path, text }: Setting, schema: FieldSchema): unknown {
  const accepted = path.reduce<readonly FieldSchema[]>(
    (fields, key) => fields.flatMap((field) => innerOf(field, key)),
    alternatives(schema),
  );
  const accepts = (type: string): boolean => accepted.some((field) => typesOf(field).includes(type));
  const json = parseJson(text);
  if (json !== undefined && accepts(typeOf(json))) return json;
  // A whole number is also a number.
  if (typeof json === 'number' && accepts('integer')) return json;
  const isNamed = accepted.some((field) => field.const === text || field.enum?.includes(text));
  const list = accepted.find((field) => typesOf(field).includes('array'));
  if (list && !isNamed && text !== '') return splitList(text);
  if (accepts('string')) return text;
  return json === undefined ? text : json;
}

function innerOf({ properties = {}, additionalProperties }: FieldSchema, key: string): FieldSchema[] {
  const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (known) return alternatives(known);
  return typeof additionalProperties === 'object' ? alternatives(additionalProperties) : [];
}

function alternatives(field: FieldSchema): FieldSchema[] {
  return field.anyOf ? field.anyOf.flatMap(alternatives) : [field];
}

function typesOf({ type, const: only, enum: names }: FieldSchema): string[] {
  return [...(type === undefined ? [] : [type]), ...[only, ...(names ?? [])].map(typeOf)];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** Undefined when it is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A name that contains a comma needs a JSON list. */
function splitList(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}
