import type { ScoringLayout } from '../memory/scoring-memory.ts';
import type { LearningLayout } from '../memory/learning-memory.ts';
import type { TrainingLayout } from '../memory/training-memory.ts';

/** The jobs of a forest thread. The threads of one job take their work from a shared counter. */
export type ThreadJob = PrepareJob | GrowJob | OutOfBagJob | PredictJob;

/** Sorts columns until none is left. */
export interface PrepareJob {
  readonly kind: 'prepare';
  readonly memory: WebAssembly.Memory;
  readonly layout: TrainingLayout;
  /** The thread's scratch area. */
  readonly slot: number;
}

/** Grows trees until none is left. */
export interface GrowJob extends Omit<PrepareJob, 'kind'> {
  readonly kind: 'grow';
  /** Arguments of the kernel's `useParams`. */
  readonly params: readonly [
    maxDepth: number,
    minLeafRows: number,
    drawnFeatures: number,
    base: number,
    scale: number,
  ];
  readonly seed: number;
  readonly firstTree: number;
  readonly trees: number;
}

export interface GrownTree {
  readonly tree: number;
  readonly nodes: Uint8Array<ArrayBuffer>;
  /** Decrease of the squared error by feature, in squared units. */
  readonly importances: Float64Array;
}

/** Addresses for out-of-bag predictions. Trees are copied in one at a time, so the size does not grow with the forest. */
export interface OutOfBagLayout {
  readonly rows: number;
  readonly features: number;
  /** f64[rows][features + 1], each row ending in NaN */
  readonly x: number;
  /** f64[rows] */
  readonly sums: number;
  /** u32[rows]: trees whose bag lacks the row */
  readonly votes: number;
  readonly learning: LearningLayout;
  readonly slots: readonly OutOfBagSlot[];
}

export interface OutOfBagSlot {
  readonly tree: number;
  readonly linked: number;
  readonly places: number;
  readonly counts: number;
  readonly chosen: number;
}

/** Adds up the out-of-bag predictions of some blocks of rows over all trees, in their order. */
export interface OutOfBagJob {
  readonly kind: 'out-of-bag';
  readonly memory: WebAssembly.Memory;
  readonly layout: OutOfBagLayout;
  readonly slot: number;
  /** `fromBlock` inclusive, `toBlock` exclusive. */
  readonly fromBlock: number;
  readonly toBlock: number;
  readonly seed: number;
  /** All trees' nodes, one tree after the other. */
  readonly nodes: Uint8Array<SharedArrayBuffer>;
  /** Nodes of each tree. */
  readonly nodeCounts: Uint32Array;
}

/** Predicts blocks of rows until none is left. */
export interface PredictJob {
  readonly kind: 'predict';
  readonly memory: WebAssembly.Memory;
  readonly layout: ScoringLayout;
  readonly slot: number;
  /** f64[features][rows] */
  readonly columns: Float64Array<SharedArrayBuffer>;
  /** f64[rows] */
  readonly predictions: Float64Array<SharedArrayBuffer>;
  /** i32[1]: the next block. */
  readonly next: Int32Array<SharedArrayBuffer>;
}

export type ThreadReply<Job extends ThreadJob> = Job extends GrowJob ? readonly GrownTree[] : undefined;
