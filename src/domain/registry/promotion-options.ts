import { z } from 'zod';
import { section } from '../input-schema.ts';
import { championAlias, DEFAULT_MODEL_NAME } from '../names.ts';

export function modelName() {
  return z
    .string()
    .max(100)
    .regex(/^[a-zA-Z0-9._-]+$/, 'expected letters, digits, ".", "_" and "-" in a model name');
}

/** See `championAlias`. */
export function championReference() {
  return z
    .string()
    .regex(
      new RegExp(`^[a-zA-Z0-9._-]{1,100}${championAlias('')}$`),
      `expected a model name and "${championAlias('')}", like "${championAlias(DEFAULT_MODEL_NAME)}"`,
    );
}

/** When a run's model becomes the champion, the one that streams are scored with. */
export function promotionOptions() {
  return section({
    model: modelName().default(DEFAULT_MODEL_NAME).describe('Name in the model registry'),
    maxRmseIncrease: z
      .number()
      .min(0)
      .max(1)
      .default(0.02)
      .describe('Share of the champion’s RMSE by which a promoted model may be worse'),
    approval: z
      .enum(['auto', 'manual'])
      .default('auto')
      .describe('`"auto"`, or `"manual"` to wait for the update `approve` or `reject`'),
    approvalTimeoutHours: z
      .number()
      .positive()
      .max(30 * 24)
      .default(12)
      .describe('Longest wait for the answer; then the model is rejected'),
  });
}

export type PromotionOptions = z.output<ReturnType<typeof promotionOptions>>;
