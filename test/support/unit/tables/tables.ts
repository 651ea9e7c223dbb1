import fc from 'fast-check';
import type { ColumnType, ColumnValues, TableBatch, TableSchema } from '../../../../src/domain/table.ts';

export interface WholeTable {
  readonly schema: TableSchema;
  readonly batch: TableBatch;
}

/** Rows 0, 1, 2, … with the columns row, half and text. */
export function numberTable(rows: number): WholeTable {
  return {
    schema: {
      columns: [
        { name: 'row', type: 'integer' },
        { name: 'half', type: 'double' },
        { name: 'text', type: 'text' },
      ],
    },
    batch: {
      rows,
      columns: [
        Int32Array.from({ length: rows }, (_, row) => row),
        Float64Array.from({ length: rows }, (_, row) => row / 2),
        Array.from({ length: rows }, (_, row) => String(row)),
      ],
    },
  };
}

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom('a', 'ä', '火', '💥', '\0', '"'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

const valuesOf: Record<ColumnType, (rows: number) => fc.Arbitrary<ColumnValues>> = {
  double: (rows) => fc.array(fc.double(), exactly(rows)).map((values) => Float64Array.from(values)),
  integer: (rows) => fc.array(fc.integer(), exactly(rows)).map((values) => Int32Array.from(values)),
  text: (rows) => fc.array<string | null>(fc.option(text), exactly(rows)),
  bytes: (rows) => fc.array<Uint8Array | null>(fc.option(fc.uint8Array({ maxLength: 20 })), exactly(rows)),
};

const column = fc.record({
  name: fc.oneof(text, fc.constantFrom('__proto__', 'constructor', '_row', '')),
  type: fc.constantFrom<ColumnType>('double', 'integer', 'text', 'bytes'),
});

/** Columns of every type and name; few or no rows. */
export const anyTable: fc.Arbitrary<WholeTable> = fc
  .record({
    columns: fc.uniqueArray(column, { minLength: 1, maxLength: 6, selector: ({ name }) => name }),
    rows: fc.nat({ max: 40 }),
    metadata: fc.dictionary(text, text, { minKeys: 1, maxKeys: 3 }),
  })
  .chain(({ columns, rows, metadata }) =>
    fc
      .tuple(...columns.map(({ type }) => valuesOf[type](rows)))
      .map((values) => ({ schema: { columns, metadata }, batch: { rows, columns: values } })),
  );

function exactly(rows: number) {
  return { minLength: rows, maxLength: rows };
}

/** Batches of the given sizes, and one of the rest. */
export function cutTable({ rows, columns }: TableBatch, sizes: readonly number[]): TableBatch[] {
  const batches: TableBatch[] = [];
  let from = 0;
  for (const size of [...sizes, rows]) {
    const to = Math.min(rows, from + size);
    batches.push({ rows: to - from, columns: columns.map((values) => values.slice(from, to)) });
    from = to;
  }
  return batches;
}

/** All batches as one. */
export async function collectTable(
  batches: AsyncIterable<TableBatch>,
  { columns }: TableSchema,
): Promise<TableBatch> {
  let rows = 0;
  const parts: ColumnValues[][] = columns.map(() => []);
  for await (const batch of batches) {
    rows += batch.rows;
    batch.columns.forEach((values, c) => parts[c]?.push(values));
  }
  return { rows, columns: columns.map(({ type }, c) => join(type, parts[c] ?? [])) };
}

function join(type: ColumnType, parts: readonly ColumnValues[]): ColumnValues {
  const values = parts.flatMap((part) => Array.from<unknown>(part));
  if (type === 'double') return Float64Array.from(values as number[]);
  if (type === 'integer') return Int32Array.from(values as number[]);
  return values as (string | null)[];
}
