import { expect, test } from 'vitest';
import { printableLines, spanText } from '../../../../src/cli/shared/text.ts';

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

test('lines on a terminal hold no control characters but the line feed', () => {
  const text = 'a\u001b[2J\u0007b\n\u202ec\r\t\u200b ü 火';

  expect(printableLines(text)).toBe('a\\x1b[2J\\x07b\n\\u{202e}c\\x0d\\x09\\u{200b} ü 火');
});
