import { ModelMismatch } from '../../domain/errors.ts';

export function notThisModel(where: string, expected: string, got?: unknown): ModelMismatch {
  return new ModelMismatch({
    what: 'not a model of ml-random-forest',
    where,
    expected,
    ...(got !== undefined && { got: toSample(got) }),
    ...(got instanceof Error && { cause: got }),
    hint: 'Score with the engine that trained the model, or train again',
  });
}

const MAX_SAMPLE_CHARS = 80;

/** Only the type of an object, which could be a whole tree. */
function toSample(got: unknown): string {
  if (got instanceof Error) return got.message;
  if (typeof got === 'object' && got !== null) return Array.isArray(got) ? 'an array' : 'an object';
  return String(got).slice(0, MAX_SAMPLE_CHARS);
}

/** @throws ModelMismatch */
export function requireObject(
  json: unknown,
  where: string,
  expected: string,
): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw notThisModel(where, expected, json);
  }
  return json as Record<string, unknown>;
}

/** @throws ModelMismatch */
export function parseModelJson(bytes: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw notThisModel(where, 'JSON of RandomForestRegression', error);
  }
}
