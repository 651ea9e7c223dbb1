import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** A longer list is not read. */
const MAX_FILES = 16;

test('no folder of src or test has more than 16 files', async () => {
  const entries = await Promise.all(
    ['src', 'test'].map((top) => readdir(`${ROOT}${top}`, { recursive: true, withFileTypes: true })),
  );
  const counts = new Map<string, number>();
  for (const { parentPath } of entries.flat().filter((entry) => entry.isFile())) {
    const folder = parentPath.slice(ROOT.length);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }

  expect([...counts].filter(([, files]) => files > MAX_FILES)).toEqual([]);
});
