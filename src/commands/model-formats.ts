import { toMlRandomForestJson } from '../adapters/ml-random-forest/json.ts';
import { ONNX_INPUT, toOnnx } from '../adapters/onnx-forest.ts';
import { ModelMismatch } from '../domain/errors.ts';
import { UsageError } from './exit.ts';
import type { ModelFile } from './model-file.ts';

/** A format that other programs load. */
export interface ModelFormat {
  readonly name: string;
  readonly extension: '.json' | '.onnx';
  readonly encode: (model: ModelFile) => Uint8Array;
  /** One line. */
  readonly howToLoad: (file: string, model: ModelFile) => string;
}

const FORMATS: readonly ModelFormat[] = [
  {
    name: 'ml-random-forest',
    extension: '.json',
    encode: encodeMlRandomForest,
    howToLoad: (file) =>
      `in Node, with the package ml-random-forest: RandomForestRegression.load(JSON.parse(readFileSync(${JSON.stringify(file)}, "utf8")))`,
  },
  {
    name: 'onnx',
    extension: '.onnx',
    encode: ({ forest, version, header: { engine, target, features } }) =>
      toOnnx(forest, { version, engine, target, features }),
    howToLoad: (file, { forest }) =>
      `in Python: onnxruntime.InferenceSession(${JSON.stringify(file)}).run(None, {"${ONNX_INPUT}": x})[0], where x is float64 [rows, ${forest.features}]`,
  },
];

/** @throws UsageError that names the formats there are */
export function requireFormat(name: string): ModelFormat {
  const format = FORMATS.find((candidate) => candidate.name === name);
  if (format) return format;
  const names = FORMATS.map((candidate) => candidate.name).join(' or ');
  throw new UsageError(`--format ${name}: expected ${names}`);
}

function encodeMlRandomForest({ where, header, estimator, forest }: ModelFile): Uint8Array {
  if (header.engine === 'ml-random-forest') return estimator;
  try {
    return new TextEncoder().encode(JSON.stringify(toMlRandomForestJson(forest)));
  } catch (cause) {
    // JSON.stringify descends by recursion, and a string has at most 2²⁹ characters.
    if (!(cause instanceof RangeError)) throw cause;
    throw new ModelMismatch({
      what: 'the forest is too deep or too large for JSON',
      where,
      got: cause.message,
      hint: 'Export it as onnx, or train with forest.maxDepth or a larger forest.minLeafRows',
      cause,
    });
  }
}
