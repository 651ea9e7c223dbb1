import { execa } from 'execa';
import { expect } from 'vitest';
import { test } from '../../../support/unit/temp-dir.ts';

const MODULES = ['arrow/tables.ts', 'files/artifact-store.ts'].map(
  (path) => new URL(`../../../../src/adapters/${path}`, import.meta.url).href,
);

/** 41 columns: 350 MB of rows. A process that has loaded the program needs 150 MB. */
const ROWS = 1_000_000;
const DOUBLES = 40;
const CEILING_MB = 300;

/** Writes and reads a table of so many rows. Prints the number of rows read, and the most memory it had, in kB. */
const SCRIPT = `
  const [{ createArrowTables }, { createLocalArtifactStore }] =
    await Promise.all(${JSON.stringify(MODULES)}.map((url) => import(url)));
  const { readFileSync } = await import('node:fs');
  const [dir, total] = process.argv.slice(1);
  const tables = createArrowTables(createLocalArtifactStore(dir));
  function* batches() {
    for (let from = 0; from < total; from += 5_000) {
      const rows = Math.min(5_000, total - from);
      const doubles = Array.from({ length: ${DOUBLES} }, () => new Float64Array(rows).fill(from));
      yield { rows, columns: [Array.from({ length: rows }, (_, row) => 'film ' + (from + row)), ...doubles] };
    }
  }
  const doubles = Array.from({ length: ${DOUBLES} }, (_, i) => ({ name: 'x' + i, type: 'double' }));
  const schema = { columns: [{ name: 'key', type: 'text' }, ...doubles] };
  const ref = await tables.write({ run: 'run', name: 'large', schema, batches: batches() });
  let rows = 0;
  for await (const batch of tables.read(ref)) rows += batch.rows;
  const [, peak] = /VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'));
  console.log(JSON.stringify({ rows, peak: Number(peak), bytes: ref.bytes }));`;

test.skipIf(process.platform !== 'linux')(
  'a table of 350 MB is written and read within 300 MB of memory',
  { timeout: 120_000 },
  async ({ dir }) => {
    const options = ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT, '--', dir, String(ROWS)];
    const { stdout } = await execa(process.execPath, options);
    const { rows, peak, bytes } = JSON.parse(stdout) as Record<'rows' | 'peak' | 'bytes', number>;

    expect(rows).toBe(ROWS);
    expect(bytes).toBeGreaterThan(330e6);
    expect(peak / 1024).toBeLessThan(CEILING_MB);
  },
);
