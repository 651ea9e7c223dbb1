import type { GrownMlTree } from './grow.ts';
import { notThisModel, parseModelJson, requireObject } from './mismatch.ts';

/** Some consecutive trees of a forest. */
export interface MlForestPart {
  readonly firstTree: number;
  readonly trees: readonly GrownMlTree[];
}

const NEWLINE = 0x0a;

/** A line of JSON about the part, then each tree's JSON in a line, so that it can be copied without being parsed. */
export function encodePart({ firstTree, trees }: MlForestPart): Uint8Array {
  const header = { firstTree, indexes: trees.map(({ features }) => features) };
  const lines = [
    new TextEncoder().encode(JSON.stringify(header)),
    ...trees.map(({ estimator }) => estimator),
  ];
  const bytes = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, 0));
  let at = 0;
  for (const line of lines) {
    bytes.set(line, at);
    at += line.length;
    bytes[at] = NEWLINE;
    at += 1;
  }
  return bytes;
}

/** @throws ModelMismatch */
export function decodePart(bytes: Uint8Array, where: string): MlForestPart {
  const [first = bytes, ...estimators] = linesOf(bytes);
  const { firstTree, indexes } = requireObject(parseModelJson(first, where), where, 'a header line');
  if (typeof firstTree !== 'number' || !Array.isArray(indexes) || !indexes.every(Array.isArray)) {
    throw notThisModel(where, 'a header line with firstTree and indexes');
  }
  if (indexes.length !== estimators.length) {
    throw notThisModel(where, `${indexes.length} trees`, estimators.length);
  }
  const trees = estimators.map((estimator, i) => ({ features: indexes[i] as number[], estimator }));
  return { firstTree, trees };
}

function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}
