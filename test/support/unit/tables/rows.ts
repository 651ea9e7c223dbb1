import type { Tables } from '../../../../src/activities/tables.ts';
import type { ArtifactRef } from '../../../../src/domain/artifact.ts';

export type Row = Readonly<Record<string, unknown>>;

/** A small table as one object per row; a missing number is NaN, bytes are text. */
export async function rowsOf(tables: Tables, ref: ArtifactRef): Promise<Row[]> {
  const names = (await tables.schema(ref)).columns.map(({ name }) => name);
  const rows: Row[] = [];
  for await (const batch of tables.read(ref)) {
    for (let row = 0; row < batch.rows; row += 1) {
      rows.push(Object.fromEntries(names.map((name, c) => [name, shown(batch.columns[c]?.[row])])));
    }
  }
  return rows;
}

function shown(value: unknown): unknown {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
}
