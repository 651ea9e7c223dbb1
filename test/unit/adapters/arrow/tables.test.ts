import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { ArtifactCorrupt } from '../../../../src/domain/errors.ts';
import { TABLE_BATCH_ROWS, type TableBatch } from '../../../../src/domain/table.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';
import {
  anyTable,
  collectTable,
  cutTable,
  numberTable,
  type WholeTable,
} from '../../../support/unit/tables/tables.ts';
import { filesBelow, openFilesBelow, test } from '../../../support/unit/temp-dir.ts';

const PLACE = { run: 'run', name: 'table' };

function writeTable({ schema, batch }: WholeTable, sizes: readonly number[] = [batch.rows]) {
  const artifacts = createMemoryArtifacts();
  const tables = createArrowTables(artifacts);
  const ref = tables.write({ ...PLACE, schema, batches: cutTable(batch, sizes) });
  return { artifacts, tables, ref };
}

test('every table is read back as it was written, value by value', async () => {
  await fc.assert(
    fc.asyncProperty(anyTable, async (table) => {
      const { tables, ref } = writeTable(table);

      expect(await tables.schema(await ref)).toEqual(table.schema);
      expect(await collectTable(tables.read(await ref), table.schema)).toEqual(table.batch);
    }),
    { numRuns: 200 },
  );
});

test('equal rows give equal bytes, however they are cut into batches', async () => {
  const sizes = fc.array(fc.nat({ max: 5 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(anyTable, sizes, async (table, cuts) => {
      expect(await writeTable(table, cuts).ref).toEqual(await writeTable(table).ref);
    }),
    { numRuns: 100 },
  );
  const large = numberTable(2 * TABLE_BATCH_ROWS + 3);
  const whole = await writeTable(large).ref;
  for (const size of [1, 1000, TABLE_BATCH_ROWS, TABLE_BATCH_ROWS + 1]) {
    const cuts = Array.from({ length: Math.ceil(large.batch.rows / size) }, () => size);
    expect(await writeTable(large, cuts).ref).toEqual(whole);
  }
});

test('batches have at most 8,192 rows, and fewer if their texts are long', async () => {
  const rowsOf = async ({ tables, ref }: ReturnType<typeof writeTable>) => {
    const rows: number[] = [];
    for await (const batch of tables.read(await ref)) rows.push(batch.rows);
    return rows;
  };

  expect(await rowsOf(writeTable(numberTable(2 * TABLE_BATCH_ROWS + 3)))).toEqual([8_192, 8_192, 3]);
  const text = 'x'.repeat(6_000_000);
  const long = {
    schema: { columns: [{ name: 'text', type: 'text' }] },
    batch: { rows: 5, columns: [[text, text, text, null, text]] },
  } as const;
  expect(await rowsOf(writeTable(long))).toEqual([3, 2]);
});

test('wanted columns come in the wanted order; a function chooses by the schema', async () => {
  const { tables, ref } = writeTable(numberTable(3));
  const read = async (columns: Parameters<typeof tables.read>[1]) => {
    const batches: TableBatch[] = [];
    for await (const batch of tables.read(await ref, columns)) batches.push(batch);
    return batches;
  };

  const wanted = [{ rows: 3, columns: [['0', '1', '2'], Float64Array.of(0, 0.5, 1)] }];
  expect(await read(['text', 'half'])).toEqual(wanted);
  expect(
    await read(({ columns }) =>
      columns
        .slice(1)
        .map(({ name }) => name)
        .reverse(),
    ),
  ).toEqual(wanted);
  await expect(read(['text', 'nothing'])).rejects.toThrow('no column "nothing"');
});

test('a double keeps its bits, also −0 and infinity; every NaN is missing', async () => {
  const otherNaN = new Float64Array(new BigUint64Array([0xfff8_0000_0000_0001n]).buffer)[0] as number;
  const schema = { columns: [{ name: 'x', type: 'double' }] } as const;
  const values = [-0, Infinity, -Infinity, Number.MIN_VALUE, Number.MAX_VALUE, 0.1];
  const table = { schema, batch: { rows: 7, columns: [Float64Array.of(...values, Number.NaN)] } };
  const other = { schema, batch: { rows: 7, columns: [Float64Array.of(...values, otherNaN)] } };
  const { tables, ref } = writeTable(table);

  expect(await collectTable(tables.read(await ref), schema)).toEqual(table.batch);
  expect(await writeTable(other).ref).toEqual(await ref);
});

test('one array as two columns is written as two equal columns', async () => {
  const values = Float64Array.of(1, 2, 3);
  const schema = { columns: ['a', 'b'].map((name) => ({ name, type: 'double' as const })) };
  const table = { schema, batch: { rows: 3, columns: [values, values] } };
  const { tables, ref } = writeTable(table);

  expect(await collectTable(tables.read(await ref), schema)).toEqual(table.batch);
});

test('a table without columns, or with two of one name, is refused', async () => {
  const tables = createArrowTables(createMemoryArtifacts());
  const column = { name: 'x', type: 'double' } as const;

  await expect(tables.write({ ...PLACE, schema: { columns: [] }, batches: [] })).rejects.toThrow(
    'needs a column',
  );
  await expect(
    tables.write({ ...PLACE, schema: { columns: [column, column] }, batches: [] }),
  ).rejects.toThrow('two columns "x"');
});

test('a damaged or truncated file is ArtifactCorrupt before the first batch', async ({ dir }) => {
  const tables = createArrowTables(createLocalArtifactStore(dir));
  const { schema, batch } = numberTable(200_000);
  const ref = await tables.write({ ...PLACE, schema, batches: [batch] });
  const path = join(dir, ref.uri);
  const bytes = await readFile(path);
  const last = bytes.length - 1;
  const damaged = [
    bytes.with(last, (bytes[last] as number) ^ 1),
    bytes.with(100, (bytes[100] as number) ^ 1),
    bytes.subarray(0, last),
    bytes.subarray(0, 1_048_576),
    bytes.subarray(0, 0),
    Buffer.concat([bytes, Buffer.of(0)]),
  ];
  for (const content of damaged) {
    await writeFile(path, content);
    await expect(tables.read(ref)[Symbol.asyncIterator]().next()).rejects.toThrow(ArtifactCorrupt);
    await expect(tables.schema(ref)).rejects.toThrow(ArtifactCorrupt);
  }
});

test('an artifact that is no table, or has other rows, is ArtifactCorrupt', async () => {
  const { artifacts, tables, ref } = writeTable(numberTable(3));
  const readAll = async (of: Awaited<typeof ref>) => {
    for await (const _ of tables.read(of));
  };
  for (const text of ['', '{}', 'ARROW1', 'ARROW1\0\0', `ARROW1\0\0${'x'.repeat(100)}`]) {
    const bytes = new TextEncoder().encode(text);
    const other = await artifacts.write({ ...PLACE, extension: '.json', bytes, rows: 3 });
    await expect(readAll(other)).rejects.toThrow(ArtifactCorrupt);
    await expect(tables.schema(other)).rejects.toThrow(ArtifactCorrupt);
  }
  await expect(readAll({ ...(await ref), rows: 4 })).rejects.toThrow(
    'expected an Arrow file of 4 rows, got 3 rows',
  );
});

test('what the caller throws while it writes is thrown on, and nothing is stored', async ({ dir }) => {
  const tables = createArrowTables(createLocalArtifactStore(dir));
  const { schema, batch } = numberTable(100_000);
  async function* batches() {
    yield batch;
    throw new Error('stopped in the middle');
  }

  await expect(tables.write({ ...PLACE, schema, batches: batches() })).rejects.toThrow(
    'stopped in the middle',
  );
  expect(await filesBelow(dir)).toEqual([]);
});

test.skipIf(process.platform !== 'linux')(
  'no file stays open, also after a read that stops',
  async ({ dir }) => {
    const tables = createArrowTables(createLocalArtifactStore(dir));
    const { schema, batch } = numberTable(200_000);
    const ref = await tables.write({ ...PLACE, schema, batches: [batch] });
    await tables.schema(ref);
    for await (const _ of tables.read(ref)) {
      expect(await openFilesBelow(dir)).toEqual([join(dir, ref.uri)]);
      break;
    }
    for await (const _ of tables.read(ref));
    await expect(tables.read(ref, ['nothing'])[Symbol.asyncIterator]().next()).rejects.toThrow(
      ArtifactCorrupt,
    );

    expect(await openFilesBelow(dir)).toEqual([]);
  },
);
