import { readdir, readFile } from 'node:fs/promises';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { renderInputPages, renderInputSchemas } from '../../../scripts/input-reference.ts';

const DOCS = new URL('../../../docs/', import.meta.url);
const schemas = await renderInputSchemas();

test.for([...(await renderInputPages()), ...schemas])(
  'docs/%s is up to date with the schemas',
  async ([file, text]) => {
    const page = await readFile(new URL(file, DOCS), 'utf8');

    expect(page, 'npm run docs:input writes it').toBe(text);
  },
);

test('docs/schemas has a file for each workflow that people start, and no other', async () => {
  const files = await readdir(new URL('schemas', DOCS));

  expect(files.map((file) => `schemas/${file}`).sort()).toEqual([...schemas.keys()].sort());
});

test.for([
  ['ratingPipeline', {}],
  ['ratingPipeline', { forest: { trees: 20 }, promotion: { approval: 'manual' } }],
  ['scoreStream', { model: 'imdb-score@champion' }],
  ['modelRegistry', {}],
  ['modelRegistry', { name: 'imdb-score' }],
  ['artifactsGc', { keepDays: 30 }],
] as const)('the schema of %s takes %o, and no field that it does not know', ([workflow, input]) => {
  const schema = JSON.parse(schemas.get(`schemas/${workflow}.json`) ?? '') as object;
  const accepts = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

  expect(accepts(input)).toBe(true);
  expect(accepts({ ...input, unknown: 1 })).toBe(false);
});
