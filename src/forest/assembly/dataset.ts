/** The training set in memory that all threads share; addresses come from `../memory/training-memory.ts`. */

/** Nodes of at most this many distinct rows are split exactly: offsets of 16-byte entries then fit into 16 bits. */
export const EXACT_ROWS: i32 = 4096;
export const MAX_BINS: i32 = 255;

export let rows: i32 = 0;
export let features: i32 = 0;
/** f64[features][rows] */
export let columns: usize = 0;
/** f64[rows]: targets in whole units, so that sums are exact in any order. */
export let targets: usize = 0;
/** u32[features][rows]: dense rank of each value in its column. */
export let ranks: usize = 0;
/** f64[features][rows]: the column's distinct values, ascending. */
export let distinct: usize = 0;
/** u32[features] */
export let distinctCounts: usize = 0;
/** u16[features][rows]: row numbers by value; 0 when the set is too large for exact roots. */
export let order: usize = 0;
/** u8[rows][features]; 0 when every root is exact. */
export let bins: usize = 0;
/** u32[features][256]: the last rank in each bin. */
export let binUpperRanks: usize = 0;
/** u32[features] */
export let binCounts: usize = 0;
/** i32, set by the main thread. */
let cancelFlag: usize = 0;

export function useDataset(
  rowCount: i32,
  featureCount: i32,
  columnsAt: usize,
  targetsAt: usize,
  ranksAt: usize,
  distinctAt: usize,
  distinctCountsAt: usize,
  orderAt: usize,
  binsAt: usize,
  binUpperRanksAt: usize,
  binCountsAt: usize,
  cancelFlagAt: usize,
): void {
  rows = rowCount;
  features = featureCount;
  columns = columnsAt;
  targets = targetsAt;
  ranks = ranksAt;
  distinct = distinctAt;
  distinctCounts = distinctCountsAt;
  order = orderAt;
  bins = binsAt;
  binUpperRanks = binUpperRanksAt;
  binCounts = binCountsAt;
  cancelFlag = cancelFlagAt;
}

export function cancelled(): bool {
  return atomic.load<i32>(cancelFlag) != 0;
}

/** Halfway between two neighbouring values, and always below the upper one, because `x <= threshold` must separate them. */
export function thresholdAfter(feature: i32, rank: u32, nextRank: u32): f64 {
  const values = distinct + ((<usize>feature * <usize>rows) << 3);
  const lower = load<f64>(values + ((<usize>rank) << 3));
  const upper = load<f64>(values + ((<usize>nextRank) << 3));
  const middle = lower * 0.5 + upper * 0.5;
  return middle >= lower && middle < upper ? middle : lower;
}
