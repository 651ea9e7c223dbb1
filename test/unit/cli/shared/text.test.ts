import { expect, test } from 'vitest';
import { spanText } from '../../../../src/cli/shared/text.ts';

const STARTED = '2026-11-22T02:00:00.000Z';

test.for([
  [0, '0 s'],
  [1_400, '1 s'],
  [119_000, '119 s'],
  [120_000, '2 min'],
  [7_200_000, '2 h'],
  [2 * 86_400_000, '2 d'],
  [-5_000, '0 s'],
])('a span of %i ms is %s', ([ms, text]) => {
  expect(spanText(STARTED, new Date(Date.parse(STARTED) + Number(ms)).toISOString())).toBe(text);
});
