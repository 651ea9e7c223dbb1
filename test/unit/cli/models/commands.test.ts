import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect } from 'vitest';
import { modelBytes } from '../../../support/unit/model-file.ts';
import { test } from '../../../support/unit/temp-dir.ts';
import { sha256Of } from '../../../support/unit/forest.ts';

const BYTES = modelBytes();
const VERSION = sha256Of(BYTES).slice(0, 12);
const CLI = fileURLToPath(new URL('../../../../src/cli.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

/** Runs `imdb model` in this directory. */
async function model(cwd: string, ...args: string[]) {
  const options = { cwd, reject: false, stdin: 'ignore' } as const;
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--import', TSX, CLI, 'model', ...args],
    options,
  );
  return { exitCode, stdout, stderr };
}

test('export writes a file named by the version, and says how to load it', async ({ dir }) => {
  await writeFile(join(dir, 'a.model'), BYTES);

  const [onnx, json] = await Promise.all([
    model(dir, 'export', 'a.model', '--format', 'onnx'),
    model(dir, 'export', 'a.model', '--format', 'ml-random-forest'),
  ]);

  expect(onnx).toMatchObject({ exitCode: 0, stderr: '' });
  expect(json).toMatchObject({ exitCode: 0, stderr: '' });
  const written = await readFile(join(dir, `${VERSION}.onnx`));
  expect(onnx.stdout.split('\n')).toEqual([
    `${VERSION}.onnx: ${written.length.toLocaleString('en-US')} bytes of onnx`,
    expect.stringContaining(`onnxruntime.InferenceSession("${VERSION}.onnx").run(None, {"features": x})[0]`),
  ]);
  expect(json.stdout).toContain(
    `RandomForestRegression.load(JSON.parse(readFileSync("${VERSION}.json", "utf8")))`,
  );
  expect((await readdir(dir)).sort()).toEqual([`${VERSION}.json`, `${VERSION}.onnx`, 'a.model'].sort());
});

test('show --json prints one object on the last line of stdout, and nothing else there', async ({ dir }) => {
  await writeFile(join(dir, 'a.model'), BYTES);

  const { exitCode, stdout, stderr } = await model(dir, 'show', 'a.model', '--json');

  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ file: 'a.model', version: VERSION, trees: 2 });
  expect(stderr).toContain('histogram');
});

test('a command that fails ends with exit code 2 and one line', async ({ dir }) => {
  await writeFile(join(dir, 'a.model'), BYTES);
  await writeFile(join(dir, 'cut.model'), BYTES.subarray(0, -1));
  await writeFile(join(dir, 'taken.onnx'), '');

  const [format, corrupt, taken] = await Promise.all([
    model(dir, 'export', 'a.model', '--format', 'pmml'),
    model(dir, 'show', 'cut.model'),
    model(dir, 'export', 'a.model', '--format', 'onnx', '--out', 'taken.onnx'),
  ]);

  for (const end of [format, corrupt, taken]) expect(end).toMatchObject({ exitCode: 2, stdout: '' });
  expect(format.stderr).toBe('imdb: --format pmml: expected ml-random-forest or onnx');
  expect(corrupt.stderr).toMatch(
    /^imdb: the forest is truncated \[cut\.model\]: expected \d+ bytes, got \d+\. .*$/,
  );
  expect(taken.stderr).toMatch(/^imdb: cannot write the model \[taken\.onnx\]: the file exists\. .*$/);
});
