import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingSet } from '../../src/activities/training/forest-engine.ts';

/** Rows in a file for another process: f64 little-endian, features row by row. */
export interface RawFiles {
  readonly name: string;
  readonly features: string;
  readonly targets: string;
}

export function writeRawFiles(directory: string, name: string, set: TrainingSet): RawFiles {
  const { columns, targets } = set;
  const cells = new Float64Array(targets.length * columns.length);
  columns.forEach((column, feature) => {
    column.forEach((value, row) => {
      cells[row * columns.length + feature] = value;
    });
  });
  const files = {
    name,
    features: join(directory, `${name}.features`),
    targets: join(directory, `${name}.targets`),
  };
  writeFileSync(files.features, cells);
  writeFileSync(files.targets, targets);
  return files;
}

export function readRawFiles({ features, targets }: Omit<RawFiles, 'name'>): TrainingSet {
  const cells = readNumbers(features);
  const known = readNumbers(targets);
  const width = cells.length / known.length;
  const columns = Array.from({ length: width }, (_, feature) =>
    known.map((_target, row) => cells[row * width + feature] as number),
  );
  return { columns, targets: known };
}

function readNumbers(file: string): Float64Array {
  const bytes = readFileSync(file);
  // Node may put a small file anywhere in its buffer pool, but a Float64Array needs alignment.
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
