import { InvalidInput, ModelMismatch } from '../../domain/errors.ts';
import type { TreeRange } from '../../domain/model/forest-shards.ts';
import type { LearningPoint } from '../../domain/model/learning-curve.ts';
import type { ForestParams } from '../../domain/run/pipeline-input.ts';

export type { TreeRange };

export interface TrainingSet {
  /** One array per feature, each `rows` long, finite. */
  readonly columns: readonly Float64Array[];
  /** `rows` long, finite. */
  readonly targets: Float64Array;
}

export interface TrainingSize {
  readonly rows: number;
  readonly features: number;
}

export interface TrainingProgress {
  readonly signal: AbortSignal;
  /** Called from time to time with the number of trees grown so far. */
  readonly onTrees?: (done: number) => void;
}

export interface GrownForest {
  /** The engine's own serialization. */
  readonly bytes: Uint8Array;
  /** By row of the training set: the mean over the trees whose bag lacks the row; NaN where there is none. */
  readonly outOfBagPredictions: Float64Array;
  /**
   * Out-of-bag RMSE of the first trees, at the `learningCheckpoints` below the number of trees; a checkpoint is left
   * out while every row is in every bag. The RMSE of all trees follows from {@link outOfBagPredictions}.
   */
  readonly learning: readonly LearningPoint[];
  /** By feature: mean decrease in impurity, adding up to 1 (or all 0); scikit-learn: feature_importances_ */
  readonly importances: readonly number[];
}

/** Port: an implementation of random forest regression. */
export interface ForestEngine extends Partial<ShardedTraining> {
  readonly name: ForestParams['engine'];
  /**
   * Called before the rows are read.
   * @throws InvalidInput when the training may need more memory or time than this worker has, with what would fit
   */
  requireRoom(size: TrainingSize, params: ForestParams): void;
  /**
   * Grows a forest off the main thread, so that heartbeats continue; stops soon after the signal aborts. The forest
   * depends on the set, the parameters and the seed alone.
   *
   * @throws DatasetError or InvalidInput for what this engine cannot honour; TrainingError when a thread dies or the
   *   signal aborts
   */
  train(set: TrainingSet, params: ForestParams, progress: TrainingProgress): Promise<GrownForest>;
  /**
   * @param where names the model in errors
   * @throws ModelMismatch when the bytes are not this engine's, ArtifactCorrupt when they are damaged
   */
  load(bytes: Uint8Array, where: string): Predictor;
}

/**
 * Training in parts. A tree depends on the set, the parameters, the seed and its index alone: any partition of a
 * forest into ranges assembles to the bytes that {@link ForestEngine.train} gives.
 */
export interface ShardedTraining {
  /** @returns the trees in the engine's own serialization, for {@link assemble}. Throws as `train` does. */
  growTrees(
    set: TrainingSet,
    params: ForestParams,
    trees: TreeRange,
    progress: TrainingProgress,
  ): Promise<Uint8Array>;
  /**
   * Joins all trees of a forest.
   * @param parts of {@link growTrees}, in the order of their trees
   */
  assemble(parts: readonly Uint8Array[], set: TrainingSet, params: ForestParams): Promise<GrownForest>;
}

export interface Predictor {
  /**
   * @param columns one array per feature, in the order of training, of equal length, finite
   * @returns one prediction a row; the same bits for a row alone as for a row among others
   */
  predict(columns: readonly Float64Array[]): Promise<Float64Array>;
}

/** @throws ModelMismatch when this worker lacks the engine */
export function requireEngine(engines: readonly ForestEngine[], name: string): ForestEngine {
  const engine = engines.find((candidate) => candidate.name === name);
  if (engine) return engine;
  const expected = `one of ${engines.map((candidate) => candidate.name).join(', ')}`;
  throw new ModelMismatch({ what: 'this worker cannot run the forest engine', expected, got: name });
}

/** @throws InvalidInput when the engine cannot train in parts */
export function requireShardedTraining(
  engines: readonly ForestEngine[],
  name: string,
): ShardedTraining & Pick<ForestEngine, 'requireRoom'> {
  const engine = requireEngine(engines, name);
  const { growTrees, assemble } = engine;
  if (growTrees && assemble) {
    const requireRoom: ForestEngine['requireRoom'] = (size, params) => {
      engine.requireRoom(size, params);
    };
    return { growTrees, assemble, requireRoom };
  }
  throw new InvalidInput({ what: `the forest engine ${name} cannot train in shards` });
}
