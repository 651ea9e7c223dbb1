import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ratingSchema,
  readRatingRows,
  readTrainingSet,
  writeRatingRows,
} from '../../../../src/activities/dataset/rating-rows.ts';
import { createArrowTables } from '../../../../src/adapters/arrow/tables.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';

const PLACE = { run: 'run', name: 'dataset' };
const ROWS = {
  rowIds: Int32Array.of(2, 7),
  keys: ['a', 'b'],
  labels: ['A', 'B'],
  targets: Float64Array.of(7.5, 8),
};

const name = fc.oneof(fc.constantFrom('_row', '__row', '___label', '_key', '_', ''), fc.string());

test('features keep their names, also those of the columns beside them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(name, { minLength: 2, maxLength: 8 }),
      async ([target = '', ...features]) => {
        const tables = createArrowTables(createMemoryArtifacts());
        const columns = features.map((_, f) => Float64Array.of(f, -f));
        const rows = { ...ROWS, columns };
        const ref = await writeRatingRows(tables, { ...PLACE, schema: { features, target }, rows: [rows] });

        expect(await ratingSchema(tables, ref)).toEqual({ features, target });
        expect(await collect(readRatingRows(tables, ref))).toEqual([rows]);
        expect(await readTrainingSet(tables, ref)).toEqual({
          schema: { features, target },
          columns,
          targets: ROWS.targets,
        });
      },
    ),
    { numRuns: 50 },
  );
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}
