import { readFile } from 'node:fs/promises';
import type { PipelineInputJson } from '../../domain/run/pipeline-input.ts';
import { UsageError } from './output.ts';

export interface RunInputOptions {
  readonly input?: string;
  readonly set: readonly Setting[];
}

export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
}

export type JsonObject = Record<string, unknown>;

/** `forest.trees=50` → path and value; a value that is not JSON is a string. For commander, which collects them. */
export function collectSetting(text: string, previous: readonly Setting[]): Setting[] {
  const [, key, raw] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || raw === undefined) {
    throw new UsageError(`--set ${text}: expected key=value, for example forest.trees=50`);
  }
  return [...previous, { path: key.split('.'), value: parseValue(raw) }];
}

/**
 * The input as the person gave it: file first, then settings. It is checked where it is used, by the workflow, so
 * that the UI, a schedule and this command are told the same.
 */
export async function readRunInput(options: RunInputOptions): Promise<PipelineInputJson> {
  return readInput(options);
}

/** The same, of any workflow. `given` is what there is without a file. */
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
    throw new UsageError(`${option} ${file}: ${(error as Error).message}`, { cause: error });
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
