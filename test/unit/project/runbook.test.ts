import { readFile, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import * as errors from '../../../src/domain/errors.ts';
import { callsOf, PIPELINE_STEPS, STEPS } from '../../../src/domain/run/steps.ts';

const docs = new URL('../../../docs/', import.meta.url);
const runbook = await readFile(new URL('runbook.md', docs), 'utf8');
const headings = [...runbook.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
const links = [...runbook.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target);

test('every failure type has a section of its own in the runbook', () => {
  const types = Object.entries(errors)
    .filter(([, value]) => typeof value === 'function' && value !== errors.PipelineError)
    .map(([name]) => name);

  expect(types).toContain('BrokerError');
  expect(headings).toEqual(expect.arrayContaining([...types, 'MicroBatchesFailed']));
});

test('every link and picture of the runbook leads somewhere', async () => {
  const anchors = headings.map(
    (heading) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-')}`,
  );
  const pictures = (await readdir(new URL('screenshots/', docs))).map((name) => `screenshots/${name}`);
  const targets = links.filter((target) => !target.startsWith('http'));

  expect([...anchors, ...pictures]).toEqual(expect.arrayContaining(targets));
});

test('the runbook lists every step with its events and the files that it writes', () => {
  const rows = [...runbook.matchAll(/^\| ([a-z ]+?) +\| (.*?) +\| (.*?) *\|$/gm)].map((cells) =>
    cells.slice(1).map((cell) => cell.replaceAll('`', '').trim()),
  );

  for (const step of PIPELINE_STEPS) {
    const { artifacts } = STEPS[step];
    expect(rows).toContainEqual([step, callsOf(STEPS[step]).join(', '), artifacts.join(', ')]);
  }
});
