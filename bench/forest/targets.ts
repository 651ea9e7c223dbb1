/** Rows of training, as a multiple of the data set's. */
export type Size = 1 | 10 | 100;

/** Against the best of all peers at ×1. */
export const BEST_TRAINING_SPEEDUP = 2.5;
export const TRAINING_SPEEDUP: Readonly<Record<Size, number>> = { 1: 5, 10: 6, 100: 6 };
/** Relative difference of the RMSE on held-out rows; without a target when absent. */
export const TRAINING_RMSE_TOLERANCE: Readonly<Partial<Record<Size, number>>> = { 1: 0.005, 100: 0.02 };
export const SPARK_SPEEDUP = { small: 30, large: 50 } as const;
export const ML_RANDOM_FOREST_SPEEDUP = 1000;
/** Against the best of all peers. */
export const PREDICTION_SPEEDUP = 2;
/** In rating points. */
export const ACCURACY_TOLERANCE = 0.003;
export const INDEPENDENT_SPEEDUP = 8;
export const INDEPENDENT_RMSE_TOLERANCE = 0.01;
