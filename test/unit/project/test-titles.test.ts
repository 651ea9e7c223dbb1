import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, test } from 'vitest';

const TESTS = fileURLToPath(new URL('../../', import.meta.url));
const MAX_LENGTH = 80;

/** The text of every `test('…')` and `describe('…')`, also of `test.for(…)('…')`. */
function titlesOf(source: ts.SourceFile): string[] {
  const titles: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && /^(test|describe)\b(?!\.extend)/.test(node.expression.getText(source))) {
      const [title] = node.arguments;
      if (title && ts.isStringLiteralLike(title)) titles.push(title.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return titles;
}

test('no test title is longer than 80 characters', async () => {
  const files = (await readdir(TESTS, { recursive: true })).filter((file) => file.endsWith('.test.ts'));
  const titles = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${TESTS}${file}`, 'utf8');
      return titlesOf(ts.createSourceFile(file, text, ts.ScriptTarget.Latest));
    }),
  );

  expect(titles.flat()).toContain('no test title is longer than 80 characters');
  expect(titles.flat().filter((title) => title.length > MAX_LENGTH)).toEqual([]);
});
