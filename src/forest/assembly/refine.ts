/**
 * Bins show roughly where a feature splits best; the rows of the two bins beside that boundary show exactly where.
 * Without this, all trees of a forest split at the same few places and are too similar.
 */
import { offer } from './best-split';
import { bins, binUpperRanks, features, ranks, rows } from './dataset';
import { beforeSum, beforeWeight, chosenBin, nextBin } from './histogram';
import { minLeafRows } from './tree';

/** (row u32, rank u32)[rows + 1] each */
let gathered: usize = 0;
let spare: usize = 0;
/** u32[2048] */
let counts: usize = 0;

const DIGIT_BITS: u32 = 11;

export function useRefineScratch(gatheredAt: usize, spareAt: usize, countsAt: usize): void {
  gathered = gatheredAt;
  spare = spareAt;
  counts = countsAt;
}

/** Tries every boundary between values inside the bins that `chooseBin` found, and between the two. */
export function refine(
  feature: i32,
  rowsFrom: usize,
  rowsTo: usize,
  weights: usize,
  sum: f64,
  weight: f64,
): void {
  const uppers = binUpperRanks + ((<usize>feature) << 10);
  const lowest = chosenBin == 0 ? 0 : load<u32>(uppers + ((<usize>chosenBin - 1) << 2)) + 1;
  const highest = load<u32>(uppers + ((<usize>nextBin) << 2));
  const end = gather(feature, rowsFrom, rowsTo);
  const sorted = sort(end, lowest, highest);
  let leftSum = beforeSum;
  let leftWeight = beforeWeight;
  for (let at = sorted, last = sorted + (end - gathered) - 8; at < last; at += 8) {
    const row = <usize>load<u32>(at);
    leftSum += load<f64>(weights + (row << 4));
    leftWeight += load<f64>(weights + (row << 4) + 8);
    const rank = load<u32>(at + 4);
    const next = load<u32>(at + 12);
    if (rank == next || leftWeight < minLeafRows || weight - leftWeight < minLeafRows) continue;
    const deviation = leftSum * weight - sum * leftWeight;
    const score = (deviation * deviation) / (leftWeight * (weight - leftWeight));
    offer(score, feature, <usize>rank, next, leftSum, leftWeight);
  }
}

/** @returns the end of the gathered rows */
function gather(feature: i32, rowsFrom: usize, rowsTo: usize): usize {
  const column = bins + <usize>feature;
  const columnRanks = ranks + ((<usize>feature * <usize>rows) << 2);
  const width = <usize>features;
  const first = <u32>chosenBin;
  const span = <u32>(nextBin - chosenBin);
  let end = gathered;
  for (let at = rowsFrom; at < rowsTo; at += 4) {
    const row = load<u32>(at);
    if (<u32>load<u8>(column + <usize>row * width) - first > span) continue;
    store<u32>(end, row);
    store<u32>(end + 4, load<u32>(columnRanks + ((<usize>row) << 2)));
    end += 8;
  }
  return end;
}

/** Radix sort by rank, least significant digit first. @returns the address of the sorted rows */
function sort(end: usize, lowest: u32, highest: u32): usize {
  const size = end - gathered;
  const bits: u32 = 32 - <u32>clz(highest - lowest);
  let from = gathered;
  let to = spare;
  for (let shift: u32 = 0; shift < bits; shift += DIGIT_BITS) {
    memory.fill(counts, 0, 4 << DIGIT_BITS);
    for (let at: usize = 0; at < size; at += 8) {
      const digit = ((load<u32>(from + at + 4) - lowest) >> shift) & ((1 << DIGIT_BITS) - 1);
      store<u32>(counts + (digit << 2), load<u32>(counts + (digit << 2)) + 1);
    }
    let start: u32 = 0;
    for (let digit: usize = 0; digit < 1 << DIGIT_BITS; ++digit) {
      const count = load<u32>(counts + (digit << 2));
      store<u32>(counts + (digit << 2), start);
      start += count;
    }
    for (let at: usize = 0; at < size; at += 8) {
      const entry = load<u64>(from + at);
      const digit = ((<u32>(entry >> 32) - lowest) >> shift) & ((1 << DIGIT_BITS) - 1);
      const slot = load<u32>(counts + (digit << 2));
      store<u32>(counts + (digit << 2), slot + 1);
      store<u64>(to + ((<usize>slot) << 3), entry);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}
