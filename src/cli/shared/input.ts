import { readFile } from 'node:fs/promises';
import { describeError, UsageError } from './exit.ts';
import { type FieldSchema, type Setting, valueOf } from './settings.ts';

export interface RunInputOptions {
  readonly input?: string;
  readonly set: readonly Setting[];
}

export type JsonObject = Record<string, unknown>;

/**
 * The file, then the settings over it.
 *
 * @param jsonSchema of the input: it decides how the texts of the settings are read
 * @param given the input without a file
 */
export async function readInput(
  { input, set }: RunInputOptions,
  jsonSchema: unknown,
  given: JsonObject = {},
): Promise<JsonObject> {
  const start = input === undefined ? given : await readJsonFile('--input', input);
  return set.reduce<JsonObject>(
    (object, setting) => withValue(object, setting.path, valueOf(setting, jsonSchema as FieldSchema)),
    start,
  );
}

function withValue(object: JsonObject, [first = '', ...rest]: readonly string[], value: unknown): JsonObject {
  const inner = object[first];
  const next = rest.length === 0 ? value : withValue(isObject(inner) ? inner : {}, rest, value);
  return { ...object, [first]: next };
}

/** @param option that named the file */
export async function readJsonFile(option: string, file: string): Promise<JsonObject> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`${option} ${file}: ${describeError(error)}`, { cause: error });
  }
  if (isObject(parsed)) return parsed;
  throw new UsageError(`${option} ${file}: expected a JSON object`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
