import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { z } from 'zod';

const DOMAIN = new URL('../../../src/domain/', import.meta.url);

/** All workflows of a worker share the modules of the domain. The SDK freezes their exports, and a frozen schema fails. */
test('no module of the domain exports a schema, only functions that return one', async () => {
  const files = (await readdir(DOMAIN, { recursive: true })).filter((file) => file.endsWith('.ts'));
  const schemas: string[] = [];
  for (const file of files) {
    const exported = (await import(new URL(file, DOMAIN).href)) as Record<string, unknown>;
    const names = Object.keys(exported).filter((name) => exported[name] instanceof z.ZodType);
    schemas.push(...names.map((name) => `${file}: ${name}`));
  }

  expect(files.length).toBeGreaterThan(20);
  expect(schemas).toEqual([]);
});
