import type {
  ForestEngine,
  GrownForest,
  TrainingProgress,
  TrainingSet,
} from '../../activities/training/forest-engine.ts';
import { DatasetError, InvalidInput, TrainingError } from '../../domain/errors.ts';
import { createForestPredictor } from '../../forest/forest-predictor.ts';
import type { ThreadPool } from '../../forest/threads/thread-pool.ts';
import { startThread } from '../../forest/threads/thread.ts';
import { fromMlRandomForestJson } from './json.ts';
import { parseModelJson } from './mismatch.ts';
import { toOptions } from './options.ts';
import { requireRoom } from './room.ts';
import type { TrainingJob, TrainingMessage } from './training-thread.ts';

/** The package halves the sum of two neighbours. */
const MAX_FEATURE = Number.MAX_VALUE / 2;

/**
 * The npm package `ml-random-forest`: its trees, its JSON, its predictions, byte for byte. It trains in a thread of its
 * own, because it is synchronous and takes seconds a tree; our kernel predicts.
 *
 * @param pool threads of the kernel
 */
export function createMlRandomForest(pool: ThreadPool): ForestEngine {
  return {
    name: 'ml-random-forest',
    requireRoom,
    async train(set, params, progress) {
      requireTrainable(set);
      return trainInThread({ set, options: toOptions(params, set.columns.length) }, progress);
    },
    load: (bytes, where) =>
      createForestPredictor(pool, fromMlRandomForestJson(parseModelJson(bytes, where), where)),
  };
}

async function trainInThread(job: TrainingJob, { signal, onTrees }: TrainingProgress): Promise<GrownForest> {
  if (signal.aborted) throw cancelled();
  const thread = startThread(import.meta.url, 'training-thread', job);
  const cancel = (): void => void thread.terminate();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await new Promise<GrownForest>((resolve, reject) => {
      thread.on('message', (message: TrainingMessage) => {
        if ('grown' in message) resolve(message.grown);
        else onTrees?.(message.treesDone);
      });
      thread.once('error', (cause: Error) => {
        reject(toFailure(cause));
      });
      thread.once('exit', (code) => {
        const ended = { what: 'the training thread ended early', got: `exit code ${code}` };
        reject(signal.aborted ? cancelled() : new TrainingError(ended));
      });
    });
  } finally {
    signal.removeEventListener('abort', cancel);
    await thread.terminate();
  }
}

function cancelled(): TrainingError {
  return new TrainingError({ what: 'the training was cancelled', where: 'ml-random-forest' });
}

function toFailure(cause: Error & { readonly code?: string }): Error {
  const where = 'ml-random-forest';
  const got = cause.message;
  // The model is one JSON string, and the thread's heap holds all trees as objects.
  const isTooLarge = cause.code === 'ERR_WORKER_OUT_OF_MEMORY' || got === 'Invalid string length';
  if (!isTooLarge) return new TrainingError({ what: 'training failed', where, got, cause });
  const hint = 'Set forest.maxDepth or forest.minLeafRows, grow fewer trees, or use the engine "histogram"';
  return new InvalidInput({ what: 'the forest is too large', where, got, hint, cause });
}

/**
 * The package accepts what this refuses, and grows trees that predict NaN, send NaN to the right or are one leaf.
 *
 * @throws DatasetError naming row and column
 */
function requireTrainable({ columns, targets }: TrainingSet): void {
  const rows = targets.length;
  if (rows === 0) refuse('there are no rows', 'at least one', 'none');
  if (columns.length === 0) refuse('there are no features', 'at least one', 'none');
  columns.forEach((column, feature) => {
    requireNumbers(column, rows, `feature ${feature}`, MAX_FEATURE);
  });
  // It adds up squared differences, each at most twice as far as the farthest target.
  requireNumbers(targets, rows, 'the target', Math.sqrt(Number.MAX_VALUE / rows) / 2);
}

function requireNumbers(column: Float64Array, rows: number, name: string, max: number): void {
  if (column.length !== rows) refuse(`${name} has another length`, `${rows} rows`, `${column.length}`);
  const row = column.findIndex((value) => !(Math.abs(value) <= max));
  if (row >= 0) refuse(`${name}, row ${row}`, `a number of at most ±${max}`, `${column[row]}`);
}

function refuse(what: string, expected: string, got: string): never {
  throw new DatasetError({ what: `cannot grow a forest: ${what}`, where: 'ml-random-forest', expected, got });
}
