import { expect, test } from 'vitest';
import { createRunView, markOfRun } from '../../../../src/cli/runs/progress.ts';
import { operatorNotes } from '../../../../src/cli/shared/failures.ts';
import { newOutput, progressOf } from '../../../support/unit/stream-progress.ts';

const scoring = { step: 'score stream', state: 'running', detail: '', seconds: 1 } as const;
const steps = [scoring];

test('a run that needs attention is shown once, and when it continues', () => {
  const { stream, lines } = newOutput();
  const view = createRunView(stream, 'nightly');
  view.update({ steps });
  view.update({ steps, attention: '1 failed' });
  view.update({ steps, attention: '1 failed' });
  view.update({ steps });

  expect(lines()).toEqual([
    ...operatorNotes('nightly', { steps, attention: '1 failed' }).map((line) => `  ${line}`),
    '  continues',
  ]);
});

test('what a run waits for is shown in one line, once', () => {
  const { stream, lines } = newOutput();
  const view = createRunView(stream, 'nightly');
  view.waitFor(['no worker answers on task queue "imdb"']);
  view.waitFor(['no worker answers on task queue "imdb"']);
  view.waitFor([]);
  view.update({ steps: [{ ...scoring, step: 'load', state: 'done', detail: '5 rows' }] });

  expect(lines()).toEqual([
    '  no worker answers on task queue "imdb"',
    expect.stringMatching(/^✔ load +5 rows {2}\(1\.0 s\)$/),
  ]);
});

test('steps and micro-batches are progress of a run, seconds are not', () => {
  const mark = markOfRun({ steps });

  expect(markOfRun({ steps: [{ ...scoring, seconds: 60 }] })).toBe(mark);
  expect(markOfRun({ steps: [{ ...scoring, state: 'done' }] })).not.toBe(mark);
  expect(markOfRun({ steps, stream: progressOf({ done: 12 }) })).not.toBe(
    markOfRun({ steps, stream: progressOf({ done: 11 }) }),
  );
});
