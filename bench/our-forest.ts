import type { TrainingSet } from '../src/activities/training/forest-engine.ts';
import { createHistogramEngine } from '../src/forest/histogram-engine.ts';
import { createThreadPool } from '../src/forest/threads/thread-pool.ts';
import type { FitSettings, Prediction } from './peer-process.ts';
import { rootMeanSquaredError } from './statistics.ts';

/** As many as every peer gets. */
const THREADS = 2;

/** The engine of this repository, in this process, its threads kept warm. */
export interface OurForest {
  /** From columns to the model's bytes, without the out-of-bag pass: no peer is asked for one. */
  fit(set: TrainingSet, settings: FitSettings): Promise<OurModel>;
  close(): Promise<void>;
}

export interface OurModel {
  readonly seconds: number;
  /** @returns seconds of what a run does besides: joining the parts, and the out-of-bag predictions */
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
          // All trees in one part are a whole forest, which assemble() only adds out-of-bag predictions to.
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
