import { expect, onTestFinished, test, vi } from 'vitest';
import { createStreamView } from '../../../../src/cli/streams/follow.ts';
import { repairText, streamLine } from '../../../../src/cli/streams/text.ts';
import { failing, newOutput, progressOf } from '../../../support/unit/stream-progress.ts';

test('in a log, a stream is a line per change or interval, not one per second', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 0 });
  onTestFinished(() => void vi.useRealTimers());
  const { stream, lines } = newOutput();
  const view = createStreamView('x', stream);
  for (let predicted = 0; predicted <= 20; predicted += 1) {
    vi.setSystemTime(predicted * 1_000);
    view.update(progressOf({ predicted }));
  }
  view.update(failing);
  view.update({ ...failing, rowsPerSecond: 0 });

  expect(lines()).toEqual([
    ...[0, 10, 20].map((predicted) => streamLine(progressOf({ predicted }))),
    ...repairText('x', failing),
    streamLine(failing),
  ]);
});

test('what a stream waits for is shown once, and again after it continued', () => {
  const { stream, lines } = newOutput();
  const view = createStreamView('x', stream);
  view.waitFor([]);
  view.waitFor(['waits for openStream: attempt 2']);
  view.waitFor(['waits for openStream: attempt 2']);
  view.waitFor([]);
  view.waitFor(['waits for openStream: attempt 2']);

  expect(lines()).toEqual(['  waits for openStream: attempt 2', '  waits for openStream: attempt 2']);
});
