import { setImmediate } from 'node:timers/promises';
import type { TrainingProgress, TrainingSet, TreeRange } from '../activities/training/forest-engine.ts';
import { DatasetError, TrainingError } from '../domain/errors.ts';
import type { ForestParams } from '../domain/run/pipeline-input.ts';
import { encodeForest, IMPORTANCE_UNITS } from './forest-file.ts';
import type { GrownTree } from './threads/thread-jobs.ts';
import type { ThreadPool } from './threads/thread-pool.ts';
import { trainingControl } from './threads/training-control.ts';
import { createTrainingMemory } from './memory/training-memory.ts';

const PROGRESS_INTERVAL_MS = 500;
/** Worth the start of other threads, some 20 ms each. */
const LARGE_MEMORY_BYTES = 128e6;
/** Deeper than any tree. The kernel stores a depth in 32 bits. */
const UNLIMITED_DEPTH = 2 ** 31 - 1;
/** The feature lists of a node being split have 16-bit entries. */
const MAX_FEATURES = 65_535;
/** Keeps leaves and sums over all trees finite. */
const MAX_TARGET = 1e300;

/** Grows trees in the pool's threads; see {@link ForestEngine.growTrees}. */
export async function growTrees(
  pool: ThreadPool,
  set: TrainingSet,
  params: ForestParams,
  range: TreeRange,
  { signal, onTrees }: TrainingProgress,
): Promise<Uint8Array<SharedArrayBuffer>> {
  await requireTrainable(set);
  const features = set.columns.length;
  const threads = Math.min(pool.size, Math.max(range.count, features));
  const { memory, layout, units } = await createTrainingMemory(set, threads);
  const control = trainingControl(memory, layout.control);
  const cancel = (): void => {
    control.cancel();
  };
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const timer = setInterval(() => onTrees?.(control.finished()), PROGRESS_INTERVAL_MS);
  try {
    const slots = layout.scratch.map((_, slot) => slot);
    await Promise.all(slots.map((slot) => pool.run(() => ({ kind: 'prepare', memory, layout, slot }))));
    control.restart();
    const { maxDepth = UNLIMITED_DEPTH, minLeafRows, featureFraction, seed } = params;
    const drawn = Math.max(1, Math.round(featureFraction * features));
    const job = {
      kind: 'grow',
      memory,
      layout,
      params: [Math.min(maxDepth, UNLIMITED_DEPTH), minLeafRows, drawn, units.base, units.scale],
      seed,
      firstTree: range.first,
      trees: range.count,
    } as const;
    const grown = await Promise.all(
      slots.slice(0, range.count).map((slot) => pool.run(() => ({ ...job, slot }))),
    );
    if (control.cancelled()) throw new TrainingError({ what: 'the training was cancelled' });
    const trees = grown.flat().sort((a, b) => a.tree - b.tree);
    const nodes = trees.map((tree) => tree.nodes);
    return encodeForest(features, range.first, nodes, addImportances(trees, features));
  } finally {
    // When one thread has failed, the others must stop too.
    cancel();
    clearInterval(timer);
    signal.removeEventListener('abort', cancel);
    if (memory.buffer.byteLength > LARGE_MEMORY_BYTES) await pool.relax();
  }
}

/** In whole units, so that the sum does not depend on the shards. */
function addImportances(trees: readonly GrownTree[], features: number): Float64Array {
  const sums = new Float64Array(features);
  for (const { importances } of trees) {
    const total = importances.reduce((sum, importance) => sum + importance, 0);
    if (total === 0) continue;
    importances.forEach((importance, feature) => {
      sums[feature] = (sums[feature] as number) + Math.round((importance / total) * IMPORTANCE_UNITS);
    });
  }
  return sums;
}

/** @throws DatasetError naming row and column */
async function requireTrainable({ columns, targets }: TrainingSet): Promise<void> {
  const rows = targets.length;
  if (rows === 0) refuse('there are no rows', 'at least one', 'none');
  if (columns.length === 0 || columns.length > MAX_FEATURES) {
    refuse('the number of features', `1 to ${MAX_FEATURES}`, `${columns.length}`);
  }
  for (const [feature, column] of columns.entries()) {
    requireFinite(column, rows, `feature ${feature}`);
    await setImmediate();
  }
  requireFinite(targets, rows, 'the target');
  const far = targets.findIndex((target) => Math.abs(target) > MAX_TARGET);
  if (far >= 0) refuse(`the target, row ${far}`, `a number of at most ±${MAX_TARGET}`, `${targets[far]}`);
}

function requireFinite(column: Float64Array, rows: number, name: string): void {
  if (column.length !== rows) refuse(`${name} has another length`, `${rows} rows`, `${column.length}`);
  for (let row = 0; row < rows; row += 1) {
    if (!Number.isFinite(column[row])) refuse(`${name}, row ${row}`, 'a finite number', `${column[row]}`);
  }
}

function refuse(what: string, expected: string, got: string): never {
  throw new DatasetError({ what: `cannot grow a forest: ${what}`, expected, got });
}
