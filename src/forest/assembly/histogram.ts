/** Sums by feature and bin, (weight × target, weight) f64[features][256][2]; whole units, so subtraction is exact. */
import { binCounts, bins, cancelled, features } from './dataset';
import { minLeafRows } from './tree';

/** Rows between checks of the cancel flag, divided by the number of features. */
const CELLS_PER_LOOK: i32 = 1 << 20;

export function histogramBytes(): usize {
  return (<usize>features) << 12;
}

/** @param weights (weight × target, weight) by row */
export function sumUp(histogram: usize, rowsFrom: usize, rowsTo: usize, weights: usize): void {
  memory.fill(histogram, 0, histogramBytes());
  const binsAt = bins;
  const width = <usize>features;
  const stride = (<usize>max(1, CELLS_PER_LOOK / features)) << 2;
  for (let chunk = rowsFrom; chunk < rowsTo && !cancelled(); chunk += stride) {
    const end = min(rowsTo, chunk + stride);
    for (let at = chunk; at < end; at += 4) {
      const row = <usize>load<u32>(at);
      const weighted = v128.load(weights + (row << 4));
      let bin = binsAt + row * width;
      let sums = histogram;
      for (const last = bin + width; bin < last; ++bin, sums += 4096) {
        const entry = sums + ((<usize>load<u8>(bin)) << 4);
        v128.store(entry, f64x2.add(v128.load(entry), weighted));
      }
    }
  }
}

/** histogram −= part */
export function subtract(histogram: usize, part: usize): void {
  const end = histogram + histogramBytes();
  for (; histogram < end; histogram += 16, part += 16) {
    v128.store(histogram, f64x2.sub(v128.load(histogram), v128.load(part)));
  }
}

/** Whether rows of the node fall into more than one bin. */
export function varies(histogram: usize, feature: i32): bool {
  const sums = histogram + ((<usize>feature) << 12);
  let filled: u32 = 0;
  for (let bin: usize = 0, n = <usize>load<u32>(binCounts + ((<usize>feature) << 2)); bin < n; ++bin) {
    filled += load<f64>(sums + (bin << 4) + 8) > 0 ? 1 : 0;
  }
  return filled > 1;
}

/** The neighbouring filled bins between which the feature splits best, and the sums of all rows below the first. */
export let chosenBin: i32 = 0;
export let nextBin: i32 = 0;
export let beforeSum: f64 = 0;
export let beforeWeight: f64 = 0;

/** @returns false when no boundary is allowed */
export function chooseBin(histogram: usize, feature: i32, sum: f64, weight: f64): bool {
  const sums = histogram + ((<usize>feature) << 12);
  let best: f64 = -1;
  let previous: i32 = -1;
  let previousSum: f64 = 0;
  let previousWeight: f64 = 0;
  let leftSum: f64 = 0;
  let leftWeight: f64 = 0;
  for (let bin: i32 = 0, n = <i32>load<u32>(binCounts + ((<usize>feature) << 2)); bin < n; ++bin) {
    const binWeight = load<f64>(sums + ((<usize>bin) << 4) + 8);
    if (binWeight == 0) continue;
    if (previous >= 0 && leftWeight >= minLeafRows && weight - leftWeight >= minLeafRows) {
      const deviation = leftSum * weight - sum * leftWeight;
      const score = (deviation * deviation) / (leftWeight * (weight - leftWeight));
      if (score > best) {
        best = score;
        chosenBin = previous;
        nextBin = bin;
        beforeSum = previousSum;
        beforeWeight = previousWeight;
      }
    }
    previous = bin;
    previousSum = leftSum;
    previousWeight = leftWeight;
    leftSum += load<f64>(sums + ((<usize>bin) << 4));
    leftWeight += binWeight;
  }
  return best >= 0;
}
