import { z } from 'zod';
import { parseInput, section } from '../input-schema.ts';

const repairInput = section({ batches: z.array(z.int().min(0)).min(1).optional() });

export type RepairInput = z.input<typeof repairInput>;

/** @throws InvalidInput */
export function parseRepairInput(input: unknown): z.output<typeof repairInput> {
  const hint = '{"batches": [3, 7]} names failed micro-batches; without it the update is for all of them';
  return parseInput('the update', repairInput, input, hint);
}
