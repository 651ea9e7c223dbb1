import type { ArtifactRef } from '../../domain/artifact.ts';
import type { ColumnProfile, DatasetProfile } from '../../domain/dataset/quality/drift.ts';
import type { TableBatch, TableSchema } from '../../domain/table.ts';
import type { Tables } from '../tables.ts';

const COLUMNS: TableSchema['columns'] = [
  { name: 'column', type: 'text' },
  { name: 'value', type: 'double' },
  { name: 'below', type: 'integer' },
  { name: 'up_to', type: 'integer' },
  { name: 'mean', type: 'double' },
  { name: 'missing', type: 'double' },
];

/** Stores a profile as a table with a row for each known value of a column; equal profiles give equal bytes. */
export function writeProfile(
  tables: Tables,
  run: string,
  { target, columns }: DatasetProfile,
): Promise<ArtifactRef> {
  return tables.write({
    run,
    name: 'profile',
    schema: { columns: COLUMNS, metadata: { target } },
    batches: toBatches(columns),
  });
}

/** @throws ArtifactCorrupt, ArtifactStoreError */
export async function readProfile(tables: Tables, ref: ArtifactRef): Promise<DatasetProfile> {
  const { metadata = {} } = await tables.schema(ref);
  const columns: OpenColumn[] = [];
  for await (const { rows, columns: batch } of tables.read(ref)) {
    const [names, values, below, upTo, means, missing] = batch as unknown as ProfileBatch;
    for (let row = 0; row < rows; row += 1) {
      let open = columns.at(-1);
      if (open === undefined || names[row] !== open.column) {
        const [column, mean] = [names[row] as string, means[row] as number];
        open = { column, mean, missing: missing[row] as number, values: [], below: [], upTo: [] };
        columns.push(open);
      }
      open.values.push(values[row] as number);
      open.below.push(below[row] as number);
      open.upTo.push(upTo[row] as number);
    }
  }
  return { target: metadata['target'] ?? '', columns: columns.map(toProfile) };
}

type ProfileBatch = readonly [
  columns: readonly string[],
  values: Float64Array,
  below: Int32Array,
  upTo: Int32Array,
  means: Float64Array,
  missing: Float64Array,
];

interface OpenColumn {
  readonly column: string;
  readonly mean: number;
  /** NaN when it is not known. */
  readonly missing: number;
  /** Some hundred. */
  readonly values: number[];
  readonly below: number[];
  readonly upTo: number[];
}

function* toBatches(columns: readonly ColumnProfile[]): Iterable<TableBatch> {
  for (const { column, values, below, upTo, mean, missing } of columns) {
    const rows = values.length;
    yield {
      rows,
      columns: [
        Array.from({ length: rows }, () => column),
        values,
        below,
        upTo,
        new Float64Array(rows).fill(mean),
        new Float64Array(rows).fill(missing ?? Number.NaN),
      ],
    };
  }
}

function toProfile({ column, mean, missing, values, below, upTo }: OpenColumn): ColumnProfile {
  return {
    column,
    rows: upTo.at(-1) ?? 0,
    mean,
    missing: Number.isNaN(missing) ? null : missing,
    values: Float64Array.from(values),
    below: Int32Array.from(below),
    upTo: Int32Array.from(upTo),
  };
}
