import type { ModelHeader } from '../domain/model/model.ts';
import { decodeForest, type Forest } from '../forest/forest-file.ts';
import { fromMlRandomForestJson } from './ml-random-forest/json.ts';
import { parseModelJson } from './ml-random-forest/mismatch.ts';

/**
 * The trees of a model of any engine.
 *
 * @param where names the model in errors
 * @throws ModelMismatch, ArtifactCorrupt
 */
export function forestOfModel(where: string, engine: ModelHeader['engine'], estimator: Uint8Array): Forest {
  switch (engine) {
    case 'histogram':
      return decodeForest(where, estimator);
    case 'ml-random-forest':
      return fromMlRandomForestJson(parseModelJson(estimator, where), where);
  }
}
