import { mean, median } from './statistics.ts';

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One training, or one prediction of many rows. */
export interface Sample {
  readonly seconds: number;
  readonly rmse: number;
}

/** As Markdown; prettier aligns the columns. */
export function renderTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map(line).join('\n');
}

export const SAMPLE_HEAD = ['median', 'from – to', 'runs', 'RMSE'] as const;

/** The cells below {@link SAMPLE_HEAD}. */
export function sampleCells(samples: readonly Sample[]): string[] {
  const times = samples.map(({ seconds }) => seconds);
  const range = `${formatSeconds(Math.min(...times))} – ${formatSeconds(Math.max(...times))}`;
  const rmse = mean(samples.map((sample) => sample.rmse)).toFixed(4);
  return [formatSeconds(median(times)), range, `${samples.length}`, rmse];
}

/** Median of `theirs` divided by median of `ours`. */
export function speedup(theirs: readonly Sample[], ours: readonly Sample[]): number {
  const time = (samples: readonly Sample[]): number => median(samples.map(({ seconds }) => seconds));
  return time(theirs) / time(ours);
}

/** Difference of the means as a share of theirs; positive when ours is worse. */
export function rmseDifference(theirs: readonly Sample[], ours: readonly Sample[]): number {
  const error = (samples: readonly Sample[]): number => mean(samples.map(({ rmse }) => rmse));
  return error(ours) / error(theirs) - 1;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(2)} ms`;
  if (seconds < 1) return `${(seconds * 1000).toFixed(0)} ms`;
  return seconds < 100 ? `${seconds.toFixed(2)} s` : `${seconds.toFixed(0)} s`;
}

export function formatRatio(ratio: number): string {
  if (ratio >= 100) return `${Math.round(ratio).toLocaleString('en')}×`;
  return `${ratio.toFixed(ratio < 10 ? 2 : 1)}×`;
}

export function formatShare(share: number): string {
  return `${share < 0 ? '−' : '+'}${(Math.abs(share) * 100).toFixed(2)} %`;
}

export function formatMebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString('en')} MiB`;
}

export function formatRate(rowsPerSecond: number): string {
  return `${Math.round(rowsPerSecond).toLocaleString('en')} rows/s`;
}
