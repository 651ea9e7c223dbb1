import { join } from 'node:path';
import { expect } from 'vitest';
import { storeRatingTable } from '../../../support/unit/rating-table.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { createLocalArtifactStore } from '../../../../src/adapters/files/artifact-store.ts';
import { numberTable } from '../../../support/unit/tables/tables.ts';
import { hasPandas, runPython } from '../../../support/unit/tables/python.ts';
import { test } from '../../../support/unit/temp-dir.ts';

/** Types and cells as pyarrow has them, and the frame that pandas makes of the file. */
const READ = `
import json, sys
import pandas, pyarrow

def show(value):
    return value.hex() if isinstance(value, (bytes, float)) else value

table = pyarrow.ipc.open_file(sys.argv[1]).read_all()
table.validate(full=True)
frame = pandas.read_feather(sys.argv[1])
json.dump({
    'types': {field.name: str(field.type) for field in table.schema},
    'metadata': {k.decode(): v.decode() for k, v in (table.schema.metadata or {}).items()},
    'cells': {name: [show(cell) for cell in column] for name, column in table.slice(0, 4).to_pydict().items()},
    'nulls': {name: table.column(name).null_count for name in table.column_names},
    'frame': {name: int(frame[name].isna().sum()) for name in frame},
    'rows': [table.num_rows, len(frame)],
    'sums': {name: float(frame[name].sum()) for name in frame if frame[name].dtype.kind in 'fi'},
}, sys.stdout)
`;

test.skipIf(!hasPandas)('pandas and pyarrow read every type, with its gaps', async ({ dir }) => {
  const tables = createArrowTables(createLocalArtifactStore(dir));
  const { uri } = await tables.write({
    ...{ run: 'run', name: 'types' },
    schema: {
      columns: [
        { name: 'double', type: 'double' },
        { name: 'integer', type: 'integer' },
        { name: 'text', type: 'text' },
        { name: 'bytes', type: 'bytes' },
      ],
      metadata: { topic: 'a1' },
    },
    batches: [
      {
        rows: 4,
        columns: [
          Float64Array.of(1.5, NaN, -0, 5e-324),
          Int32Array.of(1, -2, 2 ** 31 - 1, -(2 ** 31)),
          ['ä💥', null, '', 'x\0"'],
          [Uint8Array.of(0, 255), new Uint8Array(0), null, Uint8Array.of(7)],
        ],
      },
    ],
  });

  expect(await runPython(READ, join(dir, uri))).toMatchObject({
    types: { double: 'double', integer: 'int32', text: 'string', bytes: 'binary' },
    metadata: { topic: 'a1' },
    cells: {
      double: ['0x1.8000000000000p+0', null, '-0x0.0p+0', '0x0.0000000000001p-1022'],
      integer: [1, -2, 2_147_483_647, -2_147_483_648],
      text: ['ä💥', null, '', 'x\0"'],
      bytes: ['00ff', '', null, '07'],
    },
    nulls: { double: 1, integer: 0, text: 1, bytes: 1 },
    frame: { double: 1, integer: 0, text: 1, bytes: 1 },
    rows: [4, 4],
  });
});

test.skipIf(!hasPandas)('pandas reads a table of many batches, and one of none', async ({ dir }) => {
  const tables = createArrowTables(createLocalArtifactStore(dir));
  for (const rows of [0, 20_000]) {
    const { schema, batch } = numberTable(rows);
    const { uri } = await tables.write({ run: 'run', name: 'numbers', schema, batches: [batch] });

    expect(await runPython(READ, join(dir, uri))).toMatchObject({
      rows: [rows, rows],
      sums: { row: (rows * (rows - 1)) / 2 + 0, half: (rows * (rows - 1)) / 4 + 0 },
    });
  }
});

test.skipIf(!hasPandas)('pandas reads a split with the names of its features', async ({ dir }) => {
  const tables = createArrowTables(createLocalArtifactStore(dir));
  const { uri } = await storeRatingTable(tables, 'run', 'train', {
    features: ['budget', '_row'],
    target: 'imdb_score',
    rowIds: Int32Array.of(2, 3),
    keys: ['a', 'b'],
    labels: ['A', 'B'],
    columns: [Float64Array.of(1, 2), Float64Array.of(3, 4)],
    targets: Float64Array.of(7.5, 8),
  });

  expect(await runPython(READ, join(dir, uri))).toMatchObject({
    types: {
      _row: 'int32',
      _key: 'string',
      _label: 'string',
      budget: 'double',
      __row: 'double',
      imdb_score: 'double',
    },
    cells: { _row: [2, 3], _key: ['a', 'b'], _label: ['A', 'B'] },
    sums: { budget: 3, __row: 7, imdb_score: 15.5 },
  });
});
