import type { Predictor } from '../activities/training/forest-engine.ts';
import { ModelMismatch } from '../domain/errors.ts';
import type { Forest } from './forest-file.ts';
import { createScoringMemory, predictBlock } from './memory/scoring-memory.ts';
import type { ThreadPool } from './threads/thread-pool.ts';

/** Rows × trees that the main thread scores itself, in some 20 ms. */
const MAX_INLINE_WALKS = 500_000;

export function createForestPredictor(pool: ThreadPool, forest: Forest): Predictor {
  const { memory, layout, kernel } = createScoringMemory(forest, pool.size + 1);
  const scorer = { kernel, memory, layout, slot: pool.size };

  async function predictInThreads(columns: Float64Array<SharedArrayBuffer>, rows: number) {
    const predictions = new Float64Array(new SharedArrayBuffer(rows * 8));
    const next = new Int32Array(new SharedArrayBuffer(4));
    const job = { kind: 'predict', memory, layout, columns, predictions, next } as const;
    await Promise.all(
      Array.from({ length: pool.size }, () => pool.run((thread) => ({ ...job, slot: thread }))),
    );
    return predictions;
  }

  return {
    async predict(columns) {
      if (columns.length !== forest.features) {
        const expected = `${forest.features} features`;
        throw new ModelMismatch({ what: 'cannot score these rows', expected, got: `${columns.length}` });
      }
      const rows = columns[0]?.length ?? 0;
      const shared = new Float64Array(new SharedArrayBuffer(columns.length * rows * 8));
      columns.forEach((column, feature) => {
        shared.set(column, feature * rows);
      });
      if (rows * forest.trees > MAX_INLINE_WALKS) return predictInThreads(shared, rows);
      const predictions = new Float64Array(rows);
      for (let block = 0; block * layout.blockRows < rows; block += 1) {
        predictBlock(scorer, shared, predictions, block);
      }
      return predictions;
    },
  };
}
