import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ADVISED_TYPES, adviceOn, RECOVERY_NAMES, runbookAnchor } from '../../../src/domain/run/advice.ts';
import { callsOf, PIPELINE_STEPS, STEPS } from '../../../src/domain/run/steps.ts';

const runbook = await readFile(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');

/** The section on one line, without backticks. */
function sectionOn(type: string): string {
  const [, section = ''] = runbook.split(`\n### ${type}\n`);
  const [text = ''] = section.split(/\n##/);
  return text.replaceAll('`', '').replaceAll(/\s+/g, ' ');
}

test.for(ADVISED_TYPES)('the runbook’s section on %s repeats the advice of imdb explain', (type) => {
  const { meaning, whatToDo, recoveries } = adviceOn(type);
  const section = sectionOn(type);

  expect(runbookAnchor(type)).toBe(`docs/runbook.md#${type.toLowerCase()}`);
  expect(section).toContain(`**Means:** ${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`);
  expect(section).toContain(`**Do:** ${whatToDo}`);
  expect(section).toContain(`**Helps:** ${recoveries.map((name) => RECOVERY_NAMES[name]).join(', ')}.`);
});

test('the runbook’s table of steps agrees with the code', () => {
  const rows = [...runbook.matchAll(/^\| ([a-z ]+?) +\| (.*?) +\| (.*?) *\|$/gm)]
    .map((cells) => cells.slice(1).map((cell) => cell.replaceAll('`', '').trim()))
    .filter(([step]) => PIPELINE_STEPS.some((name) => name === step));

  expect(rows.length).toBeGreaterThan(0);
  expect(rows).toEqual(
    PIPELINE_STEPS.filter((step) => rows.some(([name]) => name === step)).map((step) => [
      step,
      callsOf(STEPS[step]).join(', '),
      STEPS[step].artifacts.join(', '),
    ]),
  );
});
