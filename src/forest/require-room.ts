import type { TrainingSize } from '../activities/training/forest-engine.ts';
import { InvalidInput } from '../domain/errors.ts';
import type { GrowthParams } from '../domain/model/model.ts';
import { estimateTraining } from './memory/training-estimate.ts';

/** Node reads and hashes a file of at most this size at once. */
const MAX_MODEL_BYTES = 2 ** 31 - 1;
/** Fewer would be no advice. */
const FEWEST_ROWS = 1000;
const DEEPEST = 64;
const LARGEST_LEAF = 4096;

export interface TrainingRoom {
  /** Of the worker's process. */
  readonly memoryBytes: number;
  readonly threads: number;
}

/**
 * Estimates what a training needs before anything is allocated.
 * @throws InvalidInput when it may need more than the worker has, with the settings that would fit
 */
export function requireRoom(size: TrainingSize, params: GrowthParams, room: TrainingRoom): void {
  const problem = findProblem(size, params, room);
  if (problem === undefined) return;
  const { rows, features } = size;
  throw new InvalidInput({
    what: 'the training is too large for this worker',
    expected: problem.expected,
    got: `${problem.got}: ${count(rows)} rows × ${features} features, ${describe(params)}`,
    hint: `${adviseSmaller(size, params, room)}${problem.remedy ?? ''}`,
  });
}

interface Problem {
  readonly expected: string;
  readonly got: string;
  /** What helps beside a smaller training. */
  readonly remedy?: string;
}

function findProblem(size: TrainingSize, params: GrowthParams, room: TrainingRoom): Problem | undefined {
  const estimate = estimateTraining(size, params, room.threads);
  if (estimate === undefined) {
    return { expected: 'at most 4 GiB of WebAssembly memory', got: 'more' };
  }
  const { model, peak, treeNodes } = estimate;
  if (model > MAX_MODEL_BYTES) {
    const nodes = `${count(treeNodes)} nodes a tree`;
    return { expected: 'a model of at most 2 GiB', got: `up to ${gigabytes(model)} (${nodes})` };
  }
  if (peak > room.memoryBytes) {
    const expected = `at most ${gigabytes(room.memoryBytes)} of memory`;
    return { expected, got: `up to ${gigabytes(peak)}`, remedy: ', or give the worker more memory' };
  }
  return undefined;
}

/** Each setting alone makes the training small enough. */
function adviseSmaller(size: TrainingSize, params: GrowthParams, room: TrainingRoom): string {
  const fits = (smaller: Partial<GrowthParams & TrainingSize>): boolean =>
    findProblem({ ...size, ...smaller }, { ...params, ...smaller }, room) === undefined;
  const rows = largest(size.rows, (value) => fits({ rows: value }));
  const depth = largest(DEEPEST, (value) => fits({ maxDepth: value }));
  const leaf = powersOfTwo(LARGEST_LEAF).find(
    (value) => value > params.minLeafRows && fits({ minLeafRows: value }),
  );
  const settings = [
    rows >= FEWEST_ROWS && `forest.maxRows ${roundDown(rows)}`,
    depth > 0 && `forest.maxDepth ${depth}`,
    leaf !== undefined && `forest.minLeafRows ${leaf}`,
  ].filter((setting) => setting !== false);
  return settings.length > 0
    ? `Set ${settings.join(', or ')}`
    : 'Train on fewer features (dataset.features) and fewer rows (forest.maxRows)';
}

/** @returns the largest number from 1 to `most` that fits; 0 if none does. What fits must fit for all smaller ones. */
function largest(most: number, fits: (value: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function powersOfTwo(most: number): number[] {
  return Array.from({ length: Math.log2(most) + 1 }, (_, power) => 2 ** power);
}

/** To two digits: 1,234,567 becomes 1,200,000. */
function roundDown(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.floor(value / unit) * unit;
}

function describe({ trees, maxDepth, minLeafRows }: GrowthParams): string {
  const depth = maxDepth === undefined ? 'no forest.maxDepth' : `forest.maxDepth ${maxDepth}`;
  return `${trees} trees, ${depth}, forest.minLeafRows ${minLeafRows}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
