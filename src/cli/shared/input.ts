import { readFile } from 'node:fs/promises';
import { describeError, UsageError } from './exit.ts';

export interface RunInputOptions {
  readonly input?: string;
  readonly set: readonly Setting[];
}

export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

export type JsonObject = Record<string, unknown>;

/** `forest.trees=50` → path and value; a value that is not JSON is a string. Commander calls it for each `--set`. */
export function collectSetting(text: string, previous: readonly Setting[]): Setting[] {
  const [, key, raw] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || raw === undefined) {
    throw new UsageError(`--set ${text}: expected key=value, for example forest.trees=50`);
  }
  return [...previous, { path: key.split('.'), value: parseValue(raw) }];
}

/** The file, then the settings over it. @param given the input without a file */
export async function readInput(
  { input, set }: RunInputOptions,
  given: JsonObject = {},
): Promise<JsonObject> {
  const start = input === undefined ? given : await readJsonFile('--input', input);
  return set.reduce<JsonObject>((object, { path, value }) => withValue(object, path, value), start);
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

function parseValue(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
