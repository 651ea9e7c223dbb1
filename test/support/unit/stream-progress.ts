import { PassThrough } from 'node:stream';
import type { StreamProgress } from '../../../src/domain/run/progress.ts';

export const FAILED_BATCH = {
  batch: 7,
  place: 'a1[0]@700..799',
  reason: 'MalformedRecord: "budget" is not a number',
};

export function progressOf(change: Partial<StreamProgress> = {}): StreamProgress {
  return {
    state: 'running',
    batches: 12,
    done: 11,
    failed: 0,
    skipped: 0,
    predicted: 1100,
    deadLettered: 0,
    rowsPerSecond: 42,
    failures: [],
    recent: [],
    ...change,
  };
}

export const failing = progressOf({ state: 'needs attention', failed: 1, failures: [FAILED_BATCH] });

/** Captures what a command writes when its output is not a terminal. */
export function newOutput() {
  const stream = new PassThrough({ encoding: 'utf8' });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    lines: () => ((stream.read() as string | null) ?? '').split('\n').slice(0, -1),
  };
}
