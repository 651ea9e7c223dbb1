import { z } from 'zod';
import { InvalidInput } from './errors.ts';

/** A message must stay readable, and small enough for Temporal, whatever was pasted into the form. */
const MAX_SAMPLE_CHARS = 80;
const MAX_REPORTED_PROBLEMS = 10;

/** An object whose unknown fields are refused with the names of the known ones. */
export function section<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `unknown field ${sample(issue.keys).slice(1, -1)}, expected some of ${Object.keys(shape).join(', ')}`
        : undefined,
  });
}

/**
 * Parses the input of an operator or a parent workflow and fills in every default. No input at all (the UI's empty box)
 * is `{}`.
 *
 * @throws InvalidInput naming every wrong field, what was expected and received
 */
export function parseInput<Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  input: unknown,
  hint: string,
): z.output<Schema> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.slice(0, MAX_REPORTED_PROBLEMS).map(({ path, code, message }) => {
    const got = valueAt(input, path);
    const shown = got === undefined || code === 'unrecognized_keys' ? '' : ` (got ${sample(got)})`;
    return `${path.join('.') || 'input'}: ${message}${shown}`;
  });
  if (issues.length > problems.length) problems.push(`and ${issues.length - problems.length} more`);
  throw new InvalidInput({ what: `the input of ${name} is wrong: ${problems.join('; ')}`, hint });
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

function sample(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > MAX_SAMPLE_CHARS ? `${text.slice(0, MAX_SAMPLE_CHARS)}…` : text;
}
