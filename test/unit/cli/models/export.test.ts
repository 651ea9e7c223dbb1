import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomForestRegression } from 'ml-random-forest';
import { expect } from 'vitest';
import { UsageError } from '../../../../src/cli/shared/exit.ts';
import { parseModelFile } from '../../../../src/cli/models/file.ts';
import { requireFormat, requireWritable, writeWhole } from '../../../../src/cli/models/export.ts';
import { encodeModel } from '../../../../src/domain/model/model.ts';
import { ModelMismatch } from '../../../../src/domain/errors.ts';
import {
  forestBytesOf,
  type HandMadeNode,
  modelBytes,
  modelHeader,
} from '../../../support/unit/model-file.ts';
import { test } from '../../../support/unit/temp-dir.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const BYTES = new Uint8Array([1, 2, 3]);

test('the package loads the JSON of our model and predicts the mean of its trees', () => {
  const model = parseModelFile('a.model', modelBytes());
  const json = new TextDecoder().decode(requireFormat('ml-random-forest').encode(model));

  type Model = Parameters<typeof RandomForestRegression.load>[0];
  const forest = RandomForestRegression.load(JSON.parse(json) as Model);
  expect(
    forest.predict([
      [100, 90],
      [100, 91],
      [101, 90],
    ]),
  ).toEqual([5.75, 6.25, 6.75]);
});

test('a model of ml-random-forest is exported as the package’s own bytes', () => {
  const ours = requireFormat('ml-random-forest').encode(parseModelFile('a.model', modelBytes()));
  const own = new TextEncoder().encode(`${new TextDecoder().decode(ours).replace('{', '{ "seed": 42,')}\n`);
  const model = parseModelFile('b.model', encodeModel(modelHeader({ engine: 'ml-random-forest' }), own));

  expect(requireFormat('ml-random-forest').encode(model)).toEqual(own);
});

test('a tree too deep for JSON is refused with what to do', () => {
  const levels = 100_000;
  const chain: HandMadeNode[] = [...numbersBelow(levels).flatMap((i) => [[i, 2 * i + 2, 0] as const, 1]), 1];
  const model = parseModelFile('a.model', encodeModel(modelHeader(), forestBytesOf(2, chain)));
  const encode = () => requireFormat('ml-random-forest').encode(model);

  expect(encode).toThrow(ModelMismatch);
  expect(encode).toThrow('too deep or too large for JSON [a.model]');
});

test('an unknown format is refused with the known ones', () => {
  expect(() => requireFormat('pmml')).toThrow(UsageError);
  expect(() => requireFormat('pmml')).toThrow('--format pmml: expected ml-random-forest or onnx');
});

test('an existing file is kept, unless force is used', async ({ dir }) => {
  const file = join(dir, 'model.onnx');
  await writeFile(file, 'existing');

  await expect(requireWritable(file, false)).rejects.toThrow(UsageError);
  await expect(requireWritable(file, false)).rejects.toThrow(
    `cannot write the model [${file}]: the file exists. Overwrite it with --force`,
  );
  await requireWritable(file, true);
  await writeWhole(file, BYTES);

  expect(new Uint8Array(await readFile(file))).toEqual(BYTES);
  expect(await readdir(dir)).toEqual(['model.onnx']);
});

test('a dangling symlink counts as an existing file', async ({ dir }) => {
  await symlink(join(dir, 'gone'), join(dir, 'link'));

  await expect(requireWritable(join(dir, 'link'), false)).rejects.toThrow('the file exists');
});

test('a directory is refused, also with force', async ({ dir }) => {
  await mkdir(join(dir, 'models'));

  await expect(requireWritable(join(dir, 'models'), true)).rejects.toThrow(
    'expected a file name, got a directory',
  );
});

test('a write that fails says so and leaves nothing behind', async ({ dir }) => {
  await mkdir(join(dir, 'in the way', 'inside'), { recursive: true });
  await requireWritable(join(dir, 'missing', 'model.onnx'), false);

  await expect(writeWhole(join(dir, 'missing', 'model.onnx'), BYTES)).rejects.toThrow(UsageError);
  await expect(writeWhole(join(dir, 'in the way'), BYTES)).rejects.toThrow(
    `cannot write the model [${join(dir, 'in the way')}]: `,
  );
  expect(await readdir(dir)).toEqual(['in the way']);
});
