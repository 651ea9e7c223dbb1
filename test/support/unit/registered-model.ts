import { createHash } from 'node:crypto';
import type { RegisteredModel } from '../../../src/domain/registry/model-registry.ts';

/** A model without a file; its version is derived from its run. */
export function registeredModel(run: string, facts: Partial<RegisteredModel> = {}): RegisteredModel {
  const sha256 = createHash('sha256').update(run).digest('hex');
  return {
    version: sha256.slice(0, 12),
    artifact: { uri: `runs/${run}/model-${sha256.slice(0, 12)}.model`, sha256, bytes: 1_000, rows: 1 },
    profile: { uri: `runs/${run}/profile-${sha256.slice(0, 12)}.arrow`, sha256, bytes: 1_000, rows: 1 },
    schemaSha256: 'schema',
    split: { rule: 'seed 42, 0.8/0.1/0.1, by movie_imdb_link', sha256: run, keyless: 0 },
    run,
    rmse: 0.9,
    ...facts,
  };
}
