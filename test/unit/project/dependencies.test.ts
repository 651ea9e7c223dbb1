import { readdir, readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

const ROOT = new URL('../../../', import.meta.url);

interface Package {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

async function readPackage(folder: string): Promise<Package> {
  return JSON.parse(await readFile(new URL(`${folder}package.json`, ROOT), 'utf8')) as Package;
}

const { dependencies = {}, devDependencies = {} } = await readPackage('');
const review = (await readdir(new URL('docs/decisions', ROOT))).find((file) =>
  file.endsWith('-dependencies.md'),
);
const page = await readFile(new URL(`docs/decisions/${review}`, ROOT), 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` +\|(.*)\|$/gm)].map(([, name = '', cells = '']) => ({
  name,
  cells: cells.split('|').map((cell) => cell.trim()),
}));

test('every dependency is reviewed, and nothing else', () => {
  expect(rows.map(({ name }) => name).sort()).toEqual(Object.keys(dependencies).sort());
});

test('a review has purpose, size, licence, upkeep and alternative of a dependency', () => {
  expect(rows.filter(({ cells }) => cells.length !== 6 || cells.includes(''))).toEqual([]);
});

test('the licence of each dependency is the reviewed one', async () => {
  const installed = await Promise.all(
    rows.map(async ({ name }) => (await readPackage(`node_modules/${name}/`)).license),
  );

  expect(rows.map(({ cells }) => cells[3])).toEqual(installed);
});

test('versions of dependencies are exact', () => {
  const versions = Object.values({ ...dependencies, ...devDependencies });

  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
