import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { championAlias, DEFAULT_MODEL_NAME } from '../../../src/domain/names.ts';
import { parsePipelineInput } from '../../../src/domain/run/pipeline-input.ts';
import { parseContinuousInput } from '../../../src/domain/stream/stream-input.ts';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

async function readExample(name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(new URL(name, EXAMPLES), 'utf8')) as Record<string, unknown>;
}

/** The parsed fields that make an example do what its line in the README says. */
const RUNS: Readonly<Record<string, object>> = {
  'imdb-csv.json': { dataset: { path: 'movie_metadata.csv', key: 'movie_imdb_link' } },
  'small-and-fast.json': { forest: { trees: 10 }, dataset: { path: 'movies.csv' } },
  'other-table.json': { dataset: { target: 'quality' }, promotion: { model: 'wine-quality' } },
  'manual-approval.json': { promotion: { approval: 'manual' } },
};
const STREAMS = ['continuous-stream.json'];
/** Parsed in plan.test.ts of the schedules. */
const SCHEDULES = ['schedule.json'];

test.for(Object.entries(RUNS))('examples/%s is an input of ratingPipeline', async ([name, expected]) => {
  expect(parsePipelineInput(await readExample(name))).toMatchObject(expected);
});

test.for(STREAMS)('examples/%s is an input of scoreStream, scored with the champion', async (name) => {
  const input = await readExample(name);

  expect(input['model']).toBe(championAlias(DEFAULT_MODEL_NAME));
  expect(parseContinuousInput(input)).toMatchObject(input);
});

test('every example is tested, and has a line in the README', async () => {
  const names = (await readdir(EXAMPLES)).filter((name) => name.endsWith('.json'));
  const readme = await readFile(new URL('README.md', EXAMPLES), 'utf8');

  expect(names.sort()).toEqual([...Object.keys(RUNS), ...STREAMS, ...SCHEDULES].sort());
  for (const name of names) expect(readme).toContain(`| [${name}](${name})`);
});
