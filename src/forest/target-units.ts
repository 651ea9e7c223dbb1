/** Targets as whole numbers: `target = base + units / scale`. Sums are exact, so their order does not matter. */
export interface TargetUnits {
  readonly base: number;
  readonly scale: number;
  readonly units: Float64Array;
}

/** Sums of this many units are exact in a double. */
const EXACT_SUM = 2 ** 53;
const MAX_DECIMALS = 6;

/**
 * Decimals in their own unit (ratings: tenths), so that a leaf of equal targets predicts exactly that target. Other
 * numbers in steps of a power of two, at most 2⁻⁵² of the range times the number of rows.
 */
export function toTargetUnits(targets: Float64Array): TargetUnits {
  return decimalUnits(targets) ?? binaryUnits(targets);
}

function decimalUnits(targets: Float64Array): TargetUnits | undefined {
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals += 1) {
    const scale = 10 ** decimals;
    const exact = targets.every((target) => Math.round(target * scale) / scale === target);
    if (!exact) continue;
    const units = targets.map((target) => Math.round(target * scale));
    const largest = units.reduce((max, unit) => Math.max(max, Math.abs(unit)), 0);
    return largest * targets.length < EXACT_SUM ? { base: 0, scale, units } : undefined;
  }
  return undefined;
}

function binaryUnits(targets: Float64Array): TargetUnits {
  const base = targets.reduce((min, target) => Math.min(min, target), Infinity);
  const range = targets.reduce((max, target) => Math.max(max, target), -Infinity) - base;
  const bits = Math.floor(Math.log2(EXACT_SUM / targets.length / range)) - 1;
  // Beyond these the power itself would be 0 or infinite.
  const scale = 2 ** Math.min(1022, Math.max(-1022, bits));
  return { base, scale, units: targets.map((target) => Math.round((target - base) * scale)) };
}
