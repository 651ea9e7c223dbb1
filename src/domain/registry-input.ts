import { z } from 'zod';
import { parseInput, section } from './input-schema.ts';
import { modelName } from './promotion-options.ts';

const MAX_REASON_CHARS = 300;
const reason = z.string().min(1).max(MAX_REASON_CHARS);

const promoteInput = section({
  version: z.string().regex(/^[0-9a-f]{12}$/, 'expected 12 hex digits, as the registry’s history lists them'),
  reason: reason.default('by an operator'),
});
const rollbackInput = section({ reason: reason.default('by an operator') });

export type PromoteInput = z.input<typeof promoteInput>;
export type RollbackInput = z.input<typeof rollbackInput>;
export interface RegistryInput {
  readonly name?: string;
}

/** @throws InvalidInput */
export function parseRegistryInput(input: unknown, defaultName: string): { readonly name: string } {
  const schema = section({ name: modelName.default(defaultName) });
  return parseInput('modelRegistry', schema, input, 'Nothing at all is the default model');
}

/** @throws InvalidInput */
export function parsePromoteInput(input: unknown): z.output<typeof promoteInput> {
  return parseInput('the update', promoteInput, input, '{"version": "a129832ca334"} makes it the champion');
}

/** @throws InvalidInput */
export function parseRollbackInput(input: unknown): z.output<typeof rollbackInput> {
  return parseInput('the update', rollbackInput, input, 'Nothing at all goes back to the champion before');
}
