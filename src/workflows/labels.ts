import type { RegressionMetrics } from '../domain/metrics.ts';

/** Thousands separated by hand: the sandbox's Intl follows the worker's locale, and a replay must not. */
export function rows(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function describeMetrics({ rmse, mae, r2 }: RegressionMetrics): string {
  return `RMSE ${rmse.toFixed(3)}, MAE ${mae.toFixed(3)}, R² ${r2.toFixed(3)}`;
}

export function featuresLabel(features: 'numeric' | readonly string[]): string {
  return features === 'numeric' ? 'numeric features (step 1 of 10)' : `${features.length} features`;
}
