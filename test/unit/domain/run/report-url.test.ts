import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { pathSegments, reportUrl } from '../../../../src/domain/run/report-url.ts';

const store = createLocalArtifactStore('/nowhere');

test('the link to a report leads to its file, whatever the workflow id', () => {
  const ids = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom('/', '%', ' ', '.', 'ä', '?', '#', '"', "'", '(', ')', '\\', '+', '2', 'F'),
    }),
  );
  fc.assert(
    fc.property(ids, (id) => {
      const uri = store.locate({
        run: `${id}/run`,
        name: 'report-page',
        extension: '.html',
        sha256: '0'.repeat(64),
      });
      const url = new URL(reportUrl('http://127.0.0.1:8234', uri));

      expect(pathSegments(url.pathname)?.join('/')).toBe(uri);
      expect([url.search, url.hash]).toEqual(['', '']);
    }),
  );
});

test('a link has no character that Markdown would interpret', () => {
  const uri = store.locate({
    run: "a (b) [c] *d* 'e' !f/run",
    name: 'report-page',
    extension: '.html',
    sha256: '0',
  });

  expect(reportUrl('http://127.0.0.1:8234', uri)).not.toMatch(/[()[\]*'! ]/);
});

test.for([
  '',
  'runs/a',
  '/..',
  '/runs/../secret',
  '/runs/%2e%2e/secret',
  '/runs/..%2Fsecret',
  '/runs/..%5Csecret',
  '/runs//a',
  '/runs/a%00.html',
  '/runs/%',
  '/runs/%E0%A4%A',
  '/C:/secret',
])('a path that no link can have is refused: %s', (path) => {
  expect(pathSegments(path)).toBeUndefined();
});
