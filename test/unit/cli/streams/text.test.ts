import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { operatorNotes } from '../../../../src/cli/shared/failures.ts';
import { createProgressView } from '../../../../src/cli/runs/progress-view.ts';
import { NO_WORKER } from '../../../../src/cli/shared/client.ts';
import {
  createStreamView,
  repairText,
  streamLine,
  streamSummary,
  streamTable,
} from '../../../../src/cli/streams/text.ts';
import type { StreamProgress } from '../../../../src/domain/run/progress.ts';

const FAILURE = { batch: 7, place: 'a1[0]@700..799', reason: 'MalformedRecord: "budget" is not a number' };

function progressOf(change: Partial<StreamProgress> = {}): StreamProgress {
  return {
    ...{ state: 'running', batches: 12, done: 11, failed: 0, skipped: 0, predicted: 1100, deadLettered: 0 },
    ...{ rowsPerSecond: 42, failures: [], recent: [] },
    ...change,
  };
}
const failing = progressOf({ state: 'needs attention', failed: 1, failures: [FAILURE] });

/** What a command writes where nobody looks live. */
function newOutput() {
  const stream = new PassThrough({ encoding: 'utf8' });
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    lines: () => ((stream.read() as string | null) ?? '').split('\n').slice(0, -1),
  };
}

describe('a stream in progress', () => {
  test('is a line of what matters, and of what is wrong only when something is', () => {
    expect(streamLine(progressOf())).toBe(
      'running · 11 of 12 micro-batches done · 1,100 rows predicted · 42 rows/s',
    );
    const position = { topic: 'a1', lag: 1234, lookedAt: null, partitions: [] };
    expect(streamLine({ ...failing, deadLettered: 3, skipped: 2, position })).toBe(
      'needs attention · 11 of 12 micro-batches done · 1 failed · 2 skipped · 1,100 rows predicted · ' +
        '3 dead-lettered · 42 rows/s · lag 1,234',
    );
  });

  test('names each failed micro-batch with place, reason and the command to repair it', () => {
    const text = streamTable('nightly/stream', failing);

    expect(text).toContain(`batch 7, ${FAILURE.place}: ${FAILURE.reason}`);
    expect(text).toContain('"imdb repair nightly/stream --retry"');
    expect(text).toContain('--retry 7');
    expect(streamTable('x', { ...failing, failed: 13 })).toContain('… and 12 more');
    expect(streamTable('x', progressOf())).not.toContain('repair');
  });

  test('of many partitions lists those that are furthest behind', () => {
    const partitions = Array.from({ length: 100 }, (_, partition) => ({
      partition,
      finished: 10,
      end: partition === 77 ? 5010 : 10,
    }));
    const text = streamTable(
      'x',
      progressOf({ position: { topic: 'a1', lag: 5000, lookedAt: 'now', partitions } }),
    );

    expect(text).toMatch(/77 +│ 10 +│ 5,010 │ 5,000/);
    expect(text).toContain('… and 76 partitions that are less behind');
  });

  test('in a log is a line per change or interval, not one a second', () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    onTestFinished(() => void vi.useRealTimers());
    const { stream, lines } = newOutput();
    const view = createStreamView('x', stream);
    view.update('no worker', []);
    view.update('no worker', []);
    view.update('opening', ['waits for openStream, attempt 2']);
    for (let predicted = 0; predicted <= 20; predicted += 1) {
      vi.setSystemTime(predicted * 1_000);
      view.update(progressOf({ predicted }), []);
    }
    view.update(failing, []);
    view.update({ ...failing, rowsPerSecond: 0 }, []);

    expect(lines()).toEqual([
      NO_WORKER,
      'opening: waits for openStream, attempt 2',
      ...[0, 10, 20].map((predicted) => streamLine(progressOf({ predicted }))),
      ...repairText('x', failing),
      streamLine(failing),
    ]);
  });
});

describe('a run that waits for a person', () => {
  const steps = [{ step: 'score stream', state: 'running', detail: '', seconds: 1 }] as const;

  test('says so, with the command that lets it go on', () => {
    expect(operatorNotes('nightly', { steps })).toEqual([]);
    expect(operatorNotes('nightly', { steps, isPaused: true, attention: '1 failed' })).toEqual([
      'paused: go on with "imdb resume nightly"',
      'needs attention: 1 failed',
      '  try again: imdb repair nightly --retry',
      '  leave out: imdb repair nightly --skip',
    ]);
  });

  test('for its model’s sake gives the commands that approve and reject', () => {
    const promote = [{ ...steps[0], step: 'promote' }] as const;
    expect(operatorNotes('nightly', { steps: promote, attention: 'approve?' })).toEqual([
      'needs attention: approve?',
      '  yes: imdb approve nightly',
      '  no:  imdb reject nightly',
    ]);
  });

  test('tells the one who watches once, and when it goes on', () => {
    const { stream, lines } = newOutput();
    const view = createProgressView(stream, 'nightly');
    view.update({ steps });
    view.update({ steps, attention: '1 failed' });
    view.update({ steps, attention: '1 failed' });
    view.update({ steps });

    expect(lines()).toEqual([
      ...operatorNotes('nightly', { steps, attention: '1 failed' }).map((line) => `  ${line}`),
      '  goes on',
    ]);
  });
});

test('a stream that has ended says what it left, and where the next start goes on', () => {
  const totals = { batches: 3, predicted: 1200, deadLettered: 4, skipped: 1 };
  const failed = [{ batch: 7, reason: FAILURE.reason }];
  const text = streamSummary('x', {
    ...totals,
    ...{ topic: 'a1', lag: 100, failed, finished: [{ partition: 0, offset: 700 }] },
  });

  expect(text.split('\n')).toEqual([
    '1,200 rows predicted, 4 dead-lettered in 3 micro-batches',
    'Micro-batches left out by an operator: 1',
    'Failed and not repaired, 1; the next start scores them again:',
    `  batch 7: ${FAILURE.reason}`,
    'The next start of "x" goes on at a1[0]@700; lag 100',
  ]);
});
