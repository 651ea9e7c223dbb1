import { InvalidInput } from '../../domain/errors.ts';
import { modelOfAlias } from '../../domain/names.ts';
import type { ModelRef, StreamModel } from '../../domain/stream/stream-input.ts';
import type { ModelRegistry } from '../registry/model-registry.ts';

export type ResolveModel = (model: StreamModel) => Promise<ModelRef>;

/** `<name>@champion` is the model that serves now; the next call may return another. */
export function createResolveModel(registry: Pick<ModelRegistry, 'champion'>): ResolveModel {
  return async (model) => {
    if (typeof model !== 'string') return model;
    const name = modelOfAlias(model);
    const champion = await registry.champion(name);
    if (champion === null) {
      throw new InvalidInput({
        what: 'there is no champion to score with',
        where: model,
        expected: 'a model that a run on this task queue has promoted',
        got: 'none',
        hint: `Train one (ratingPipeline with promotion.model "${name}"), or give the stream a model of its own`,
      });
    }
    const { version, artifact } = champion.model;
    return { version, artifact };
  };
}
