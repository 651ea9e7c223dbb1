import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { RUN_FILTERS } from '../../../../src/domain/run/ui-links.ts';

test('every filter by state or step also names the execution status', () => {
  const stale = Object.values(RUN_FILTERS).filter(
    ({ query }) => query.includes('PipelineSt') && !query.includes('ExecutionStatus'),
  );

  expect(stale).toEqual([]);
});

test('the docs list the ready filters in their order, only runs and failed runs first', async () => {
  const page = await readFile(new URL('../../../../docs/ui.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(.+?)` +\| (.+?) +\|$/gm)].map(([, query, finds]) => ({
    finds,
    query,
  }));

  expect(rows).toEqual(Object.values(RUN_FILTERS));
  expect(rows.slice(0, 2).map(({ finds }) => finds)).toEqual(['only runs', 'only failed runs']);
});
