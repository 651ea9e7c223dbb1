import { z } from 'zod';
import { artifactRef } from '../artifact.ts';
import { DEFAULT_MODEL_NAME } from '../names.ts';
import { parseInput, section } from '../input-schema.ts';
import type { ModelProposal } from './model-registry.ts';
import { modelName } from './promotion-options.ts';

const MAX_REASON_CHARS = 300;
const reason = z.string().min(1).max(MAX_REASON_CHARS);

const promoteInput = section({
  version: z.string().regex(/^[0-9a-f]{12}$/, 'expected 12 hex digits, as the registry’s history lists them'),
  reason: reason.default('by an operator'),
});
const rollbackInput = section({ reason: reason.default('by an operator') });

const count = z.int().min(0);
/** Sent by runs; checked because the UI can send any input. */
const proposal: z.ZodType<ModelProposal> = z.object({
  model: z.object({
    version: z.string().min(1),
    artifact: artifactRef(),
    profile: artifactRef(),
    schemaSha256: z.string().min(1),
    split: z.object({ rule: z.string(), sha256: z.string(), keyless: z.number() }),
    run: z.string().min(1),
    rmse: z.number(),
  }),
  verdict: z.enum(['promote', 'keep', 'refuse', 'unchanged', 'reject']),
  reason: z.string().min(1),
  against: z.string().nullable(),
  comparison: z
    .object({
      rows: count,
      champion: z.string(),
      championRmse: z.number(),
      challengerRmse: z.number(),
      difference: z.number(),
      interval: z.tuple([z.number(), z.number()]),
      margin: z.number(),
    })
    .nullable(),
  isApproved: z.boolean().exactOptional(),
  overdueHours: z.number().positive().exactOptional(),
});

export type PromoteInput = z.input<typeof promoteInput>;
export type RollbackInput = z.input<typeof rollbackInput>;
export interface RegistryInput {
  readonly name?: string;
}

const registryInput = section({
  name: modelName().default(DEFAULT_MODEL_NAME).describe('Name of its models'),
});

/** @throws InvalidInput */
export function parseRegistryInput(input: unknown): { readonly name: string } {
  return parseInput(
    'modelRegistry',
    registryInput,
    input,
    'Without an input it is the registry of the default model',
  );
}

export function registryInputJsonSchema(): unknown {
  return z.toJSONSchema(registryInput, { io: 'input' });
}

/** @throws InvalidInput */
export function parseProposal(input: unknown): ModelProposal {
  return parseInput('the update', proposal, input, 'Runs send it; operators use "promote"');
}

/** @throws InvalidInput */
export function parsePromoteInput(input: unknown): z.output<typeof promoteInput> {
  return parseInput('the update', promoteInput, input, '{"version": "9a97ecc790a4"} makes it the champion');
}

/** @throws InvalidInput */
export function parseRollbackInput(input: unknown): z.output<typeof rollbackInput> {
  return parseInput(
    'the update',
    rollbackInput,
    input,
    'Without an input it returns to the previous champion',
  );
}
