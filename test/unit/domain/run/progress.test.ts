import { expect, test } from 'vitest';
import { toMarkdown, type StepProgress } from '../../../../src/domain/run/progress.ts';
import { PIPELINE_STEPS } from '../../../../src/domain/run/steps.ts';

function stepOf(change: Partial<StepProgress>): StepProgress {
  return { step: 'load', state: 'done', detail: '', seconds: 0, ...change };
}

test('progress is a Markdown table with a row for every step, in order', () => {
  const lines = toMarkdown({ steps: PIPELINE_STEPS.map((step) => stepOf({ step })) }).split('\n');
  const cells = lines.map((line) => line.split('|').map((cell) => cell.trim()));

  expect(cells.slice(2).map(([, step]) => step)).toEqual([...PIPELINE_STEPS]);
  expect(new Set(cells.map(({ length }) => length)).size).toBe(1);
});

test('a step shows its result and duration, and a pending one no time', () => {
  const steps = [
    stepOf({ detail: '3,801 rows', seconds: 1.25 }),
    stepOf({ step: 'split', state: 'pending' }),
  ];

  expect(toMarkdown({ steps }).split('\n').slice(2)).toEqual([
    `| load | done\u2003 | 3,801 rows | ${(1.25).toFixed(1)} |`,
    '| split | pending\u2003 |  |  |',
  ]);
});
