import { z } from 'zod';
import { ModelMismatch } from '../domain/errors.ts';

/** The header of a model of this version or an older one, which did not record everything. */
export type StoredHeader = z.output<typeof storedHeader>;

const storedHeader = z
  .object({
    engine: z.enum(['histogram', 'ml-random-forest']),
    params: z.object({
      trees: z.number(),
      maxDepth: z.number().optional(),
      minLeafRows: z.number(),
      featureFraction: z.number(),
      seed: z.number(),
    }),
    features: z.array(z.string()).min(1),
    target: z.string(),
    trainingRows: z.number(),
    datasetSha256: z.string(),
    outOfBag: z
      .object({ rows: z.number(), rmse: z.number(), mae: z.number(), r2: z.number() })
      .nullable()
      .optional(),
    importances: z.array(z.number()).optional(),
  })
  .refine(({ features, importances }) => !importances || importances.length === features.length, {
    path: ['importances'],
    error: 'expected one for each feature',
  });

/** @throws ModelMismatch that names the first wrong field */
export function parseModelHeader(where: string, header: unknown): StoredHeader {
  const parsed = storedHeader.safeParse(header);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ModelMismatch({
    what: 'the model’s header cannot be read',
    where,
    got: `${issue?.path.join('.')}: ${issue?.message}`,
    hint: 'Use the version of this program that trained the model, or train again',
  });
}
