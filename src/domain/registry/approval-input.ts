import { z } from 'zod';
import { parseInput, section } from '../input-schema.ts';

const MAX_NOTE_CHARS = 300;

const approvalInput = section({ note: z.string().max(MAX_NOTE_CHARS).default('') });

export type ApprovalInput = z.input<typeof approvalInput>;

/** @throws InvalidInput */
export function parseApprovalInput(input: unknown): z.output<typeof approvalInput> {
  return parseInput(
    'the update',
    approvalInput,
    input,
    'The note is optional: nothing at all, or {"note": "…"}',
  );
}
