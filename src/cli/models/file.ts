import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { forestOfModel } from '../../adapters/forest-of-model.ts';
import { ArtifactCorrupt, ModelMismatch } from '../../domain/errors.ts';
import { decodeModel, modelVersion } from '../../domain/model/model.ts';
import type { Forest } from '../../forest/forest-file.ts';

/** What a model file says about itself. */
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
    outOfBag: z.object({ rows: z.number(), rmse: z.number(), mae: z.number(), r2: z.number() }).nullable(),
    importances: z.array(z.number()),
  })
  .refine(({ features, importances }) => importances.length === features.length, {
    path: ['importances'],
    error: 'expected one for each feature',
  });

/** @throws ModelMismatch that names the first wrong field */
function parseModelHeader(where: string, header: unknown): StoredHeader {
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

/** A model artifact, read and checked. */
export interface ModelFile {
  /** The file, for messages. */
  readonly where: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly version: string;
  readonly header: StoredHeader;
  /** The engine's own serialization. */
  readonly estimator: Uint8Array;
  readonly forest: Forest;
}

/** The name that `trainForest` gives its models, with the first digits of their sha256. */
const ARTIFACT_NAME = /^model-([0-9a-f]{12})\.model$/;

/** @throws ModelMismatch when the bytes are no model that this program reads, ArtifactCorrupt when they are damaged */
export function parseModelFile(where: string, bytes: Uint8Array): ModelFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const version = modelVersion(sha256);
  const [, named = version] = ARTIFACT_NAME.exec(basename(where)) ?? [];
  if (named !== version) {
    throw new ArtifactCorrupt({
      what: 'the model has changed since it was written',
      where,
      expected: `sha256 ${named}…`,
      got: `${version}…`,
      hint: 'Fetch the file again, or train again; rename it if the change is yours',
    });
  }
  const { header: unchecked, estimator } = decodeModel(where, bytes);
  const header = parseModelHeader(where, unchecked);
  const forest = forestOfModel(where, header.engine, estimator);
  if (forest.features !== header.features.length) {
    throw new ModelMismatch({
      what: 'header and trees of the model disagree',
      where,
      expected: `${header.features.length} features`,
      got: `${forest.features}`,
    });
  }
  return { where, bytes: bytes.length, sha256, version, header, estimator, forest };
}
