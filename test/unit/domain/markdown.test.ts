import { expect, test } from 'vitest';
import { toProse } from '../../../src/domain/markdown.ts';
import { streamToMarkdown } from '../../../src/domain/run/progress.ts';
import { progressOf } from '../../support/unit/stream-progress.ts';

const ATTACK = '[click](https://evil) ![x](y) <img src=x onerror=alert(1)> `a` | *b* ~~c~~\n\n# d';

test('a text cannot become a link, an image, HTML, a heading or another cell', () => {
  const text = toProse(ATTACK);

  expect(text).not.toMatch(/\n|(?<!\\)[[\]<>`|*~#]/);
  expect(text.replaceAll(/\\(.)/g, '$1')).toBe(ATTACK.replaceAll(/\s+/g, ' '));
});

test('prices are no formula, which the UI would typeset', () => {
  expect(toProse('unit "$" ("$1.2M")')).toBe(String.raw`unit "\$" ("\$1.2M")`);
});

test('neither can what a bad record of a stream says', () => {
  const failure = { batch: 1, place: 'a1[0]@1', reason: ATTACK };
  const shown = streamToMarkdown(progressOf({ trouble: ATTACK, failures: [failure] }));

  expect(shown.split(toProse(ATTACK))).toHaveLength(3);
});
