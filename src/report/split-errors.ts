import { drawRows } from '../domain/model/draws.ts';
import { withTitle, type SamplePrediction, type UntitledPrediction } from '../domain/run/report.ts';

/** How a model predicts a split. What is measured is measured over all rows whose actual value is known. */
export interface SplitErrors {
  /** Predicted rows, those without an actual value included. */
  readonly rows: number;
  /** Predicted minus actual, ascending. */
  readonly residuals: Float64Array;
  /** Smallest and largest value of actual and predicted together, and of predicted alone. */
  readonly extent: Extent;
  readonly predictedExtent: Extent;
  /** A random sample of {@link MAX_POINTS} rows, in their order; all rows if there are no more. */
  readonly points: readonly { readonly actual: number; readonly predicted: number }[];
  /** Largest first. */
  readonly largest: readonly SamplePrediction[];
}

export type Extent = readonly [low: number, high: number];

/** Enough to see the shape of a cloud. A point is 150 bytes of the page, and drawing must not delay a heartbeat. */
export const MAX_POINTS = 1_000;
/** Enough to see which kind of row the model predicts badly. */
export const SHOWN_ERRORS = 10;

interface Scored {
  /** NaN where there is none. */
  readonly rowIds: Float64Array;
  /** NaN where it is unknown. */
  readonly actual: Float64Array;
  readonly predicted: Float64Array;
}

/**
 * Collects the errors of a split batch by batch: eight bytes a row.
 *
 * @param rows of all batches together
 * @param seed the same seed gives the same sample
 */
export function createSplitErrors(rows: number, seed: number) {
  const sample = drawRows(rows, MAX_POINTS, seed, 0);
  const residuals = new Float64Array(rows);
  const extent = createExtent();
  const predictedExtent = createExtent();
  const points: { actual: number; predicted: number }[] = [];
  const largest: UntitledPrediction[] = [];
  let added = 0;
  let judged = 0;
  let sampled = 0;

  function judge(prediction: UntitledPrediction, isSampled: boolean): void {
    const { actual, predicted } = prediction;
    residuals[judged] = predicted - actual;
    judged += 1;
    extent.add(actual);
    extent.add(predicted);
    predictedExtent.add(predicted);
    if (isSampled) points.push({ actual, predicted });
    keepLargest(largest, prediction);
  }

  return {
    add({ rowIds, actual, predicted }: Scored): void {
      for (let i = 0; i < predicted.length; i += 1) {
        const isSampled = sample[sampled] === added;
        if (isSampled) sampled += 1;
        added += 1;
        const prediction = {
          rowId: rowIds[i] as number,
          actual: actual[i] as number,
          predicted: predicted[i] as number,
        };
        if (!Number.isNaN(prediction.actual)) judge(prediction, isSampled);
      }
    },

    /** Row ids whose titles are shown. */
    shownRows: (): ReadonlySet<number> => new Set(largest.map(({ rowId }) => rowId)),

    finish: (titles: ReadonlyMap<number, string>): SplitErrors => ({
      rows: added,
      residuals: residuals.subarray(0, judged).sort(),
      extent: extent.value(),
      predictedExtent: predictedExtent.value(),
      points,
      largest: largest.map((prediction) => withTitle(prediction, titles)),
    }),
  };
}

/** Smallest and largest value; 0 and 0 when there are none. */
function createExtent() {
  let [low, high] = [Infinity, -Infinity];
  return {
    add(value: number): void {
      if (value < low) low = value;
      if (value > high) high = value;
    },
    value: (): Extent => (low > high ? [0, 0] : [low, high]),
  };
}

/** Keeps at most {@link SHOWN_ERRORS}; of equal errors, the first. */
function keepLargest(largest: UntitledPrediction[], prediction: UntitledPrediction): void {
  const size = sizeOf(prediction);
  const smallest = largest.at(-1);
  if (largest.length === SHOWN_ERRORS && smallest && size <= sizeOf(smallest)) return;
  const place = largest.findIndex((kept) => size > sizeOf(kept));
  largest.splice(place < 0 ? largest.length : place, 0, prediction);
  if (largest.length > SHOWN_ERRORS) largest.pop();
}

function sizeOf({ actual, predicted }: UntitledPrediction): number {
  return Math.abs(predicted - actual);
}

/** Of two splits together. */
export function joinExtents(a: SplitErrors, b: SplitErrors, of: 'extent' | 'predictedExtent'): Extent {
  const known = [a, b].filter(({ residuals }) => residuals.length > 0).map((split) => split[of]);
  const [first = [0, 0], second = first] = known;
  return [Math.min(first[0], second[0]), Math.max(first[1], second[1])];
}
