import { expect, test } from 'vitest';
import type { RegressionMetrics } from '../../../../src/domain/model/metrics.ts';
import { parsePipelineInput } from '../../../../src/domain/run/pipeline-input.ts';
import type { StepProgress } from '../../../../src/domain/run/progress.ts';
import {
  endedStreamDetails,
  runDetails,
  type RunFailure,
  type RunNotes,
} from '../../../../src/domain/run/run-details.ts';
import { COMMON_STEPS, type PipelineStep } from '../../../../src/domain/run/steps.ts';

const NOTHING: RunNotes = { metrics: [], links: [] };

/** Every step before `current` is done; step n took n seconds and began at event 10 n. */
function stepsAt(current: PipelineStep, state: StepProgress['state']): StepProgress[] {
  const at = COMMON_STEPS.indexOf(current);
  return COMMON_STEPS.map((step, i) => {
    if (i > at) return { step, state: 'pending', detail: '', seconds: 0 };
    const begun = { seconds: i + 1, begunAt: '2026-11-29T14:03:22.123Z', resetEventId: 10 * (i + 1) };
    return { step, state: i < at ? 'done' : state, detail: i < at ? 'some rows' : '', ...begun };
  });
}

function paragraphs(steps: readonly StepProgress[], notes: Partial<RunNotes>): string[] {
  return runDetails({ steps }, { ...NOTHING, ...notes }).split('\n\n');
}

function failed(failure: RunFailure, at: PipelineStep, notes: Partial<RunNotes> = {}): string[] {
  return paragraphs(stepsAt(at, 'failed'), { ...notes, end: { state: 'Failed', failure } });
}

const rmse = (value: number) => ({ rmse: value, mae: 0.5, r2: 0.5 }) as RegressionMetrics;

test('a completed run begins with its RMSE by split, its slowest step and its report', () => {
  const [headline] = paragraphs(stepsAt('report', 'done'), {
    end: { state: 'Completed' },
    metrics: [
      ['batch split', rmse(0.7123)],
      ['stream split', rmse(0.7342)],
    ],
    report: 'http://127.0.0.1:8234/report',
  });

  expect(headline).toBe(
    '**Completed** in 66.0 s · RMSE 0.712 on the batch split, 0.734 on the stream split · ' +
      'slowest step: report, 11.0 s · [report](http://127.0.0.1:8234/report)',
  );
});

test('a run whose data have drifted says so in its headline, and nothing without drift', () => {
  const none = { count: 0, names: [] };
  const drift = { champion: '9a97ecc790a4', compared: 3, drifted: 0, columns: [], gone: none, added: none };
  const gone = { count: 1, names: ['a*b'] };

  expect(paragraphs(stepsAt('train', 'running'), { drift: { ...drift, gone } })[0]).toContain(
    String.raw` · drift against model 9a97ecc790a4: gone: a\*b · slowest step`,
  );
  expect(paragraphs(stepsAt('train', 'running'), { drift })[0]).not.toContain('drift');
});

test('a failed run begins with step, type, message, what to do and the event to reset', () => {
  const failure = { type: 'DatasetError', message: 'the CSV is malformed [a_b.csv lines 3–9]: got <2>' };
  const [headline, message, remedy] = failed(failure, 'load', { served: 'http://127.0.0.1:8234' });

  expect(headline).toBe('**Failed at load: DatasetError**');
  expect(message).toBe(String.raw`the CSV is malformed \[a\_b.csv lines 3–9\]: got \<2\>`);
  expect(remedy).toMatch(/^\*\*What to do\*\*: Correct the file in the worker’s DATA\\_DIR, then reset/);
  expect(remedy).toContain('**Reset** to event **10** repeats the run from load on.');
  expect(remedy).toContain('[Runbook](http://127.0.0.1:8234/runbook#dataseterror)');
});

test('a corrupt artifact leads to the step that wrote it, not to the step that read it', () => {
  const failure = { type: 'ArtifactCorrupt', message: 'changed', where: 'runs/a/b/train-0a1b.json' };

  expect(failed(failure, 'train')[2]).toContain('**Reset** to event **20** repeats the run from split on.');
});

test('a failure that a reset cannot help names no event', () => {
  const [, , remedy] = failed({ type: 'ReconciliationError', message: 'counts differ' }, 'reconcile');

  expect(remedy).not.toContain('**Reset**');
  expect(remedy).toContain('`docs/runbook.md#reconciliationerror`');
});

test('a wrong input is named before any step has begun', () => {
  const steps = COMMON_STEPS.map((step) => ({ step, state: 'pending', detail: '', seconds: 0 }) as const);
  const [headline, message, remedy] = paragraphs(steps, {
    end: { state: 'Failed', failure: { type: 'InvalidInput', message: 'forest.trees: expected number' } },
  });

  expect(headline).toBe('**Failed: InvalidInput**');
  expect(message).toBe('forest.trees: expected number');
  expect(remedy).toContain('Start a new run with the field corrected');
});

test('a cancelled run begins with the step where it was, and the event to go on from', () => {
  const [headline, remedy] = paragraphs(stepsAt('train', 'cancelled'), { end: { state: 'Cancelled' } });

  expect(headline).toContain('**Cancelled at train**');
  expect(remedy).toContain('**Reset** to event **50** repeats the run from train on.');
});

test('a run that was cancelled between two steps goes on from the one before', () => {
  const [headline, remedy] = paragraphs(stepsAt('train', 'done'), { end: { state: 'Cancelled' } });

  expect(headline).toContain('**Cancelled after train**');
  expect(remedy).toContain('**Reset** to event **50** repeats the run from train on.');
});

test('a run in progress begins with what it asks for, and the step that has begun', () => {
  const steps = stepsAt('train', 'running');
  const text = runDetails({ steps, attention: 'approve <model>?', isPaused: true }, NOTHING);

  expect(text.split('\n\n').slice(0, 3)).toEqual([
    '**Paused**: send the signal `resume`',
    String.raw`**Needs attention**: approve \<model\>?`,
    '**Step 5 of 11: train**, begun at 14:03:22 UTC · slowest step: consume batch, 4.0 s',
  ]);
});

test('a run that waits for its turn says so first', () => {
  const waiting = 'waits for a free place: 9 runs before this one';
  const [first] = runDetails({ steps: [], waiting, isPaused: true }, NOTHING).split('\n\n');

  expect(first).toBe(`**Waiting**: the run ${waiting}`);
});

test('the table has a row for every step: result, seconds once it has ended, and event', () => {
  const [table = ''] = paragraphs(stepsAt('split', 'running'), {}).filter((part) =>
    part.startsWith('| step'),
  );
  const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));

  expect(rows.slice(2).map(([, step]) => step)).toEqual([...COMMON_STEPS]);
  expect(rows.slice(2, 5)).toEqual([
    ['', 'load', 'done', 'some rows', '1.0', '10', ''],
    ['', 'split', 'running', '', '', '20', ''],
    ['', 'publish batch', 'pending', '', '', '', ''],
  ]);
});

test('a stream that has ended says so, in place of what it was doing', () => {
  const failure = { type: 'OffsetsOutOfRange', message: 'there is no such topic' };
  const done = { batches: 3, predicted: 20, deadLettered: 1 };

  expect(endedStreamDetails({ state: 'Completed' }, null, done)).toBe(
    '**Completed** · 3 micro-batches, 20 rows predicted, 1 dead-lettered',
  );
  expect(endedStreamDetails({ state: 'Cancelled' }, null)).toBe('**Cancelled**');
  expect(endedStreamDetails({ state: 'Failed', failure }, null)).toMatch(
    /^\*\*Failed: OffsetsOutOfRange\*\*\n\nthere is no such topic\n\n\*\*What to do\*\*: If the topic is missing/,
  );
});

test('details say what the load found, escaped, and cut a long list of features', () => {
  const features = Array.from({ length: 10_000 }, (_, i) => `feature_${i}`);
  const details = runDetails(
    { steps: stepsAt('split', 'running') },
    {
      ...NOTHING,
      data: [
        { label: 'dataset', lines: ['films_1.csv: 5 rows'] },
        { label: 'left out', lines: ['color: text ("*Color*")', 'a|b: text ("<img>")'] },
      ],
      input: parsePipelineInput({ dataset: { features } }),
    },
  );

  expect(details).toContain(
    String.raw`**dataset**: films\_1.csv: 5 rows  ` +
      '\n' +
      String.raw`**left out**: color: text ("\*Color\*"); a\|b: text ("\<img\>")`,
  );
  expect(details).toContain('"feature_39",\n      "… and 9,960 more"');
  expect(details.length).toBeLessThan(5_000);
});
