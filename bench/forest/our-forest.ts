import type { TrainingSet } from '../../src/activities/training/forest-engine.ts';
import { createHistogramEngine } from '../../src/forest/histogram-engine.ts';
import { createThreadPool } from '../../src/forest/threads/thread-pool.ts';
import type { FitSettings, Prediction } from './peer-process.ts';
import { rootMeanSquaredError } from '../suite/statistics.ts';

/** The same number for every peer. */
const THREADS = 2;

/** The engine of this repository, in this process, with warm threads. */
export interface OurForest {
  /** From columns to the model's bytes, without the out-of-bag pass, which no peer does either. */
  fit(set: TrainingSet, settings: FitSettings): Promise<OurModel>;
  close(): Promise<void>;
}

export interface OurModel {
  readonly seconds: number;
  /** @returns seconds for joining the parts and the out-of-bag predictions, which every run adds */
  assemble(): Promise<number>;
  /** Loading the model is not timed. */
  predict(set: TrainingSet): Promise<Prediction>;
}

export function createOurForest(): OurForest {
  const pool = createThreadPool(THREADS);
  const engine = createHistogramEngine(pool);
  return {
    async fit(set, { trees, maxDepth, featureFraction, seed }) {
      const params = {
        engine: 'histogram',
        trees,
        minLeafRows: 1,
        featureFraction,
        seed,
        ...(maxDepth !== undefined && { maxDepth }),
      } as const;
      const { signal } = new AbortController();
      const { seconds, value: bytes } = await timed(() =>
        engine.growTrees(set, params, { first: 0, count: trees }, { signal }),
      );
      return {
        seconds,
        assemble: async () => (await timed(() => engine.assemble([bytes], set, params))).seconds,
        async predict({ columns, targets }) {
          // A part with all trees is a whole forest; assemble() only adds out-of-bag predictions.
          const predictor = engine.load(bytes, 'the forest of the benchmark');
          const { seconds: taken, value } = await timed(() => predictor.predict(columns));
          return { seconds: taken, rmse: rootMeanSquaredError(targets, value) };
        },
      };
    },
    close: () => pool.close(),
  };
}

async function timed<Value>(work: () => Promise<Value>): Promise<{ seconds: number; value: Value }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}
