import { createHash } from 'node:crypto';
import type {
  ForestEngine,
  GrownForest,
  TrainingSet,
  TreeRange,
} from '../../../src/activities/training/forest-engine.ts';
import { InvalidInput } from '../../../src/domain/errors.ts';
import { parsePipelineInput, type ForestParams } from '../../../src/domain/run/pipeline-input.ts';
import { decodeForest } from '../../../src/forest/forest-file.ts';
import { createHistogramEngine } from '../../../src/forest/histogram-engine.ts';
import { toTargetUnits } from '../../../src/forest/target-units.ts';
import type { ThreadPool } from '../../../src/forest/threads/thread-pool.ts';
import { naiveForest, type NaiveTree } from './naive-forest.ts';

export function forestParams(change: Partial<ForestParams> = {}): ForestParams {
  return { ...parsePipelineInput({}).forest, trees: 3, ...change };
}

/** A training set of any numbers. */
export function toSet(columns: readonly ArrayLike<number>[], targets: ArrayLike<number>): TrainingSet {
  return { columns: columns.map((column) => Float64Array.from(column)), targets: Float64Array.from(targets) };
}

/** Some trees of a forest, serialized. */
export async function growRange(
  pool: ThreadPool,
  set: TrainingSet,
  params: ForestParams,
  range: TreeRange = { first: 0, count: params.trees },
): Promise<Uint8Array> {
  const { signal } = new AbortController();
  return createHistogramEngine(pool).growTrees(set, params, range, { signal });
}

export async function growForest(
  pool: ThreadPool,
  set: TrainingSet,
  change: Partial<ForestParams> = {},
): Promise<GrownForest> {
  const params = forestParams(change);
  const part = await growRange(pool, set, params);
  return createHistogramEngine(pool).assemble([part], set, params);
}

/** The trees that the kernel grows. */
export async function growTrees(
  pool: ThreadPool,
  set: TrainingSet,
  change: Partial<ForestParams> = {},
): Promise<NaiveTree[]> {
  return toTrees(await growRange(pool, set, forestParams(change)));
}

/** The trees that the reference grows. */
export function growNaively(set: TrainingSet, change: Partial<ForestParams> = {}): NaiveTree[] {
  const { trees, seed, minLeafRows, featureFraction, maxDepth = Infinity } = forestParams(change);
  const drawnFeatures = Math.max(1, Math.round(featureFraction * set.columns.length));
  const units = toTargetUnits(set.targets);
  const grow = naiveForest(set, units, { seed, maxDepth, minLeafRows, drawnFeatures });
  return Array.from({ length: trees }, (_, tree) => grow(tree));
}

/** The trees of an encoded forest, as nested objects. */
export function toTrees(bytes: Uint8Array): NaiveTree[] {
  const { starts, values, words } = decodeForest('the test', bytes);
  return Array.from(starts, (start) => {
    function subtree(node: number): NaiveTree {
      const value = values[(start + node) * 2] as number;
      const [right, feature] = words.subarray((start + node) * 4 + 2) as unknown as [number, number];
      if (right === 0) return { value };
      return { feature, threshold: value, left: subtree(node + 1), right: subtree(right) };
    }
    return subtree(0);
  });
}

export function rowsOf({ columns, targets }: TrainingSet): number[][] {
  return Array.from(targets, (_, row) => columns.map((column) => column[row] as number));
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An engine that neither trains nor loads. */
export function engineWithRoom(most: number): ForestEngine {
  return {
    name: 'histogram',
    requireRoom({ rows }) {
      if (rows > most) throw new InvalidInput({ what: `no room for ${rows} rows` });
    },
    train: () => Promise.reject(new Error('this engine does not train')),
    load() {
      throw new Error('this engine loads no model');
    },
  };
}
