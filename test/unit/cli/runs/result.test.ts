import { expect, test } from 'vitest';
import { resultTable } from '../../../../src/cli/runs/result.ts';
import { reportDataOf } from '../../../support/unit/report-data.ts';

test('the table of a run names every column left out, with the reason and a cell', () => {
  const { result } = reportDataOf();
  const leftOut = [
    { column: 'color', reason: 'text', sample: 'Color' },
    { column: 'oscars', reason: '97 % of its cells have no number', sample: '3' },
  ];
  const table = resultTable({
    ...result,
    ...ENDED,
    dataset: { ...result.dataset, leftOut, leftOutCount: 12 },
  });

  expect(table).toMatch(/│ rows dropped +│ 4: 2 with an empty cell, 1 with an unreadable cell, 1 bad/);
  expect(table).toMatch(/│ left out +│ color: text \("Color"\)/);
  expect(table).toMatch(/│ +│ oscars: 97 % of its cells have no number \("3"\)/);
  expect(table).toMatch(/│ +│ and 10 more/);
});

test('the table of a run breaks long sentences between words', () => {
  const { result } = reportDataOf();
  const reason = 'may have been trained on the rows of this comparison '.repeat(10).trim();
  const table = resultTable({ ...result, ...ENDED, promotion: { ...result.promotion, reason } });

  expect(table.replaceAll(/[\s│]+/g, ' ')).toContain(reason);
  expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThan(130);
});

const REF = { uri: 'runs/a/b/c-000000000000.json', sha256: '0'.repeat(64), bytes: 1, rows: 1 };
const ENDED = { report: REF, page: REF, seconds: {} };
