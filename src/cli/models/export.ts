import { randomUUID } from 'node:crypto';
import { lstat, rename, rm, writeFile } from 'node:fs/promises';
import { toMlRandomForestJson } from '../../adapters/ml-random-forest/json.ts';
import { ONNX_INPUT, toOnnx } from '../../adapters/onnx/forest.ts';
import { ModelMismatch } from '../../domain/errors.ts';
import { describeError, UsageError } from '../shared/exit.ts';
import { number, print } from '../shared/output.ts';
import { openModel } from './source.ts';
import type { ModelFile } from './file.ts';

/** A format that other programs load. */
interface ModelFormat {
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

/** @throws UsageError that names the known formats */
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

export interface ExportOptions {
  readonly format: string;
  readonly out?: string;
  readonly force?: true;
}

export async function exportModel(name: string, options: ExportOptions): Promise<void> {
  const format = requireFormat(options.format);
  const model = await openModel(name);
  const file = options.out ?? `${model.version}${format.extension}`;
  await requireWritable(file, options.force === true);
  const bytes = format.encode(model);
  await writeWhole(file, bytes);
  print(`${file}: ${number(bytes.length)} bytes of ${format.name}`);
  print(`load it ${format.howToLoad(file, model)}`);
}

/** @throws UsageError when the file exists and may not be overwritten */
export async function requireWritable(path: string, force: boolean): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) {
    throw new UsageError(`cannot write the model [${path}]: expected a file name, got a directory`);
  }
  if (existing && !force) {
    throw new UsageError(
      `cannot write the model [${path}]: the file exists. Overwrite it with --force, or name another with --out`,
    );
  }
}

async function statOf(path: string) {
  try {
    return await lstat(path);
  } catch {
    // It does not exist, or the write fails with the reason.
    return undefined;
  }
}

/** The file appears whole or not at all. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, bytes, { flag: 'wx', flush: true });
    await rename(temporary, path);
  } catch (cause) {
    // If the temporary file could not be created, there is nothing to remove.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new UsageError(
      `cannot write the model [${path}]: ${describeError(cause)}. Name another file with --out`,
      { cause },
    );
  }
}
