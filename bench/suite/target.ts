import { formatMebibytes, formatRatio, formatSeconds, formatShare } from './table.ts';

/** A figure of the run and its target. */
export interface Target {
  readonly figure: string;
  readonly target: string;
  readonly got: number;
  /** As a report shows it. */
  readonly text: string;
  readonly met: boolean;
}

/** How many times as fast as a peer. */
export function atLeast(figure: string, factor: number, got: number): Target {
  const target = `≥ ${factor.toLocaleString('en')}×`;
  return { figure, target, got, text: formatRatio(got), met: got >= factor };
}

/** How many times the time of a peer. */
export function atMost(figure: string, factor: number, got: number): Target {
  return { figure, target: `≤ ${factor}×`, got, text: formatRatio(got), met: got <= factor };
}

export function atMostSeconds(figure: string, seconds: number, got: number): Target {
  return { figure, target: `≤ ${seconds} s`, got, text: formatSeconds(got), met: got <= seconds };
}

export function belowMebibytes(figure: string, mebibytes: number, bytes: number): Target {
  const target = `< ${mebibytes} MiB`;
  return { figure, target, got: bytes, text: formatMebibytes(bytes), met: bytes < mebibytes * 2 ** 20 };
}

/** As a share of the peer's. */
export function below(figure: string, got: number): Target {
  return { figure, target: '< 1×', got, text: formatRatio(got), met: got < 1 };
}

/** Either side of 0. */
export function withinShare(figure: string, share: number, got: number): Target {
  const target = `within ±${share * 100} %`;
  return { figure, target, got, text: formatShare(got), met: Math.abs(got) <= share };
}

/** Either side of 0. */
export function withinPoints(figure: string, points: number, got: number): Target {
  return { figure, target: `within ±${points}`, got, text: got.toFixed(4), met: Math.abs(got) <= points };
}
