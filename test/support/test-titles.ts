import { readFile } from 'node:fs/promises';
import ts from 'typescript';

/** Every test of a file as `describe › test`, with the placeholders of `test.for` as they are written. */
export async function readTestTitles(file: URL): Promise<string[]> {
  const source = ts.createSourceFile(file.pathname, await readFile(file, 'utf8'), ts.ScriptTarget.Latest);
  return titlesIn(source, []);
}

function titlesIn(node: ts.Node, groups: readonly string[]): string[] {
  const title = titleOf(node);
  const path = title === undefined ? groups : [...groups, title.text];
  const inner: string[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(...titlesIn(child, path));
  });
  return title?.isTest ? [path.join(' › '), ...inner] : inner;
}

function titleOf(node: ts.Node): { readonly text: string; readonly isTest: boolean } | undefined {
  if (!ts.isCallExpression(node)) return undefined;
  const [first] = node.arguments;
  const name = calledName(node.expression);
  if (!first || !ts.isStringLiteralLike(first) || (name !== 'test' && name !== 'describe')) return undefined;
  return { text: first.text, isTest: name === 'test' };
}

/** `test` of `test(…)`, `test.skipIf(…)(…)` and `test.for(…)(…)`. */
function calledName(expression: ts.Expression): string | undefined {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isCallExpression(expression)) return calledName(expression.expression);
  return ts.isPropertyAccessExpression(expression) ? calledName(expression.expression) : undefined;
}
