import { z } from 'zod';
import { parseInput, section } from './input-schema.ts';

const schema = section({
  keepDays: z
    .int('expected a whole number of days')
    .min(1, 'expected at least 1 day')
    .describe('Artifacts that nothing has used for so many days are removed'),
});

/** Of the workflow `artifactsGc` and its activity. */
export type CollectInput = z.output<typeof schema>;

export interface CollectResult {
  /** Artifacts. */
  readonly removed: number;
  readonly bytes: number;
}

/** @throws InvalidInput */
export function parseCollectInput(input: unknown): CollectInput {
  return parseInput('artifactsGc', schema, input, 'Apply the schedule again: imdb artifacts schedule');
}

export function collectInputJsonSchema(): unknown {
  return z.toJSONSchema(schema, { io: 'input' });
}
