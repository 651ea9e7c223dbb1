import { RandomForestRegression } from 'ml-random-forest';
import type { ForestEngine, TrainingSet } from '../activities/forest-engine.ts';
import { ModelMismatch, TrainingError } from '../domain/errors.ts';
import type { ForestParams } from '../domain/pipeline-input.ts';
import { startThread } from './thread.ts';

/** The package's constructor options, as plain data for the thread. */
export interface MlForestOptions {
  readonly nEstimators: number;
  readonly maxFeatures: number;
  readonly replacement: boolean;
  readonly seed: number;
  readonly useSampleBagging: boolean;
  readonly noOOB: boolean;
  readonly treeOptions: { readonly minNumSamples: number; readonly maxDepth?: number };
}

export interface MlForestThreadData extends TrainingSet {
  readonly options: MlForestOptions;
}

/** The npm package `ml-random-forest`, in a thread of its own: `train()` is synchronous and takes seconds a tree. */
export const mlRandomForest: ForestEngine = {
  name: 'ml-random-forest',

  train(set, params, signal) {
    const workerData: MlForestThreadData = { ...set, options: toOptions(params, set.columns.length) };
    return new Promise((resolve, reject) => {
      const thread = startThread(import.meta.url, 'ml-random-forest-thread', workerData);
      const stop = (): void => {
        void thread.terminate();
      };
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      thread.once('message', (bytes: Uint8Array) => {
        resolve(bytes);
      });
      thread.once('error', (cause) => {
        reject(
          new TrainingError({
            what: 'training failed',
            where: 'ml-random-forest',
            got: cause.message,
            cause,
          }),
        );
      });
      thread.once('exit', (code) => {
        signal.removeEventListener('abort', stop);
        reject(new TrainingError({ what: 'the training thread ended early', got: `exit code ${code}` }));
      });
    });
  },

  load(bytes) {
    try {
      type Model = Parameters<typeof RandomForestRegression.load>[0];
      const forest = RandomForestRegression.load(JSON.parse(new TextDecoder().decode(bytes)) as Model);
      return { predict: (rows) => forest.predict(rows as number[][]) };
    } catch (cause) {
      const expected = 'JSON of ml-random-forest’s RandomForestRegression';
      throw new ModelMismatch({
        what: 'not a model of this engine',
        expected,
        got: (cause as Error).message,
        cause,
      });
    }
  },
};

/**
 * `maxFeatures` is a count or a fraction by its value: 1 would mean all, and a fraction is floored, to none if small.
 * So a fraction is turned into the count it stands for, and passed as a fraction that floors to that count.
 */
export function toOptions(
  { trees, featureFraction, seed, maxDepth, minLeafRows }: ForestParams,
  features: number,
): MlForestOptions {
  const drawn = Math.max(1, Math.round(featureFraction * features));
  return {
    nEstimators: trees,
    maxFeatures: drawn === features ? features : (drawn + 0.5) / features,
    replacement: false,
    seed,
    useSampleBagging: true,
    // Out-of-bag results throw "input must not be empty" as soon as a row is in every tree's bag.
    noOOB: true,
    treeOptions: { minNumSamples: minLeafRows, ...(maxDepth !== undefined && { maxDepth }) },
  };
}
