import { z } from 'zod';
import { section } from '../../input-schema.ts';

const share = z.number().min(0).max(1);

/** What a run's rows must fulfil before any of them is published. */
export function qualityOptions() {
  return section({
    minRows: z.int().min(1).default(200).describe('Rows that must be kept'),
    maxDroppedFraction: share.default(0.5).describe('Largest share of rows that may be dropped'),
    maxMissing: share
      .optional()
      .describe('Largest share of gaps in a used column, else `dataset.maxMissing`'),
    onDrift: z
      .enum(['warn', 'fail'])
      .default('warn')
      .describe('`"fail"` stops the run on drift or changed features, `"warn"` says so'),
    maxPsi: z
      .number()
      .positive()
      .max(100)
      .default(0.25)
      .describe('PSI above which a column has drifted: see [quality](quality.md)'),
  });
}

export type QualityOptions = z.output<ReturnType<typeof qualityOptions>>;
