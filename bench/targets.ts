/** A figure of the run and its target. */
export interface Target {
  readonly figure: string;
  readonly target: string;
  readonly got: number;
  readonly met: boolean;
}

/** Rows of training, as a multiple of the data set's. */
export type Size = 1 | 10 | 100;
export const SIZES: readonly Size[] = [1, 10, 100];

export const TRAINING_SPEEDUP: Readonly<Record<Size, number>> = { 1: 5, 10: 6, 100: 6 };
/** Relative difference of the RMSE on held-out rows; without a target when absent. */
export const TRAINING_RMSE_TOLERANCE: Readonly<Partial<Record<Size, number>>> = { 1: 0.005, 100: 0.02 };
export const SPARK_SPEEDUP = { small: 30, large: 50 } as const;
export const ML_RANDOM_FOREST_SPEEDUP = 1000;
export const PREDICTION_SPEEDUP = 2;
/** In rating points. */
export const ACCURACY_TOLERANCE = 0.003;
export const INDEPENDENT_SPEEDUP = 8;
export const INDEPENDENT_RMSE_TOLERANCE = 0.01;

export function atLeast(figure: string, factor: number, got: number): Target {
  return { figure, target: `≥ ${factor.toLocaleString('en')}×`, got, met: got >= factor };
}

/** Either side of 0. */
export function withinShare(figure: string, share: number, got: number): Target {
  return { figure, target: `within ±${share * 100} %`, got, met: Math.abs(got) <= share };
}

/** Either side of 0. */
export function withinPoints(figure: string, points: number, got: number): Target {
  return { figure, target: `within ±${points}`, got, met: Math.abs(got) <= points };
}

/** As a share of the peer's. */
export function below(figure: string, got: number): Target {
  return { figure, target: '< 1×', got, met: got < 1 };
}
