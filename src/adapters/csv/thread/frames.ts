import { createRequire } from 'node:module';
import type * as Danfo from 'danfojs-node';
import { deferModules } from './defer-modules.ts';

/** Tables of numbers as danfo has them. */
export interface Frames {
  /**
   * The rows without a gap (NaN), column by column as doubles, and where they were. danfo's only floating type is called
   * float32; its values stay JavaScript doubles.
   */
  dropGaps(columns: readonly Float64Array[]): {
    readonly positions: readonly number[];
    readonly columns: Float64Array[];
  };
}

/** danfo requires them for functions that are not used here: they take nine tenths of its start and 80 MB. */
const UNUSED = ['mathjs', 'request', 'xlsx'];

export function openFrames(): Frames {
  deferModules('danfojs-node', UNUSED);
  const danfo = createRequire(import.meta.url)('danfojs-node') as typeof Danfo;
  return {
    dropGaps(columns) {
      // danfo makes every column a property of its frame, and a column called "index" or "values" would replace its own.
      const names = columns.map((_, position) => `column:${position}`);
      const frame = new danfo.DataFrame(toRows(columns), {
        columns: names,
        dtypes: names.map(() => 'float32'),
        // Otherwise it makes columns of the rows twice, as arrays that nobody needs.
        config: { lowMemoryMode: true },
      });
      const complete = frame.dropNa({ axis: 1 });
      return {
        positions: complete.index as number[],
        columns: toColumns(complete.values as number[][], names.length),
      };
    },
  };
}

function toRows(columns: readonly Float64Array[]): number[][] {
  const rows: number[][] = [];
  for (let row = 0; row < (columns[0]?.length ?? 0); row += 1) {
    const cells: number[] = [];
    for (const column of columns) cells.push(column[row] as number);
    rows.push(cells);
  }
  return rows;
}

function toColumns(rows: readonly (readonly number[])[], width: number): Float64Array[] {
  const columns = Array.from({ length: width }, () => new Float64Array(rows.length));
  for (const [row, cells] of rows.entries()) {
    for (let i = 0; i < width; i += 1) (columns[i] as Float64Array)[row] = cells[i] as number;
  }
  return columns;
}
