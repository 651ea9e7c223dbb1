import danfo from 'danfojs-node';

/**
 * danfo makes every column a property of its frame, so a column called "index" or "values" would replace danfo's own.
 * Here columns have a position, and no name.
 */
function namesOf(width: number): string[] {
  return Array.from({ length: width }, (_, position) => `column:${position}`);
}

/**
 * Rows of text as columns. danfo gets no types to guess, because it guesses from the first rows and is wrong about
 * later ones. `column(name)` copies the index for each column; `getColumnData` is all columns as they are.
 */
export function textColumns(rows: readonly (readonly string[])[], width: number): readonly string[][] {
  const columns = namesOf(width);
  const frame = new danfo.DataFrame(rows, { columns, dtypes: columns.map(() => 'string') });
  return frame.getColumnData as unknown as string[][];
}

/**
 * The doubles of the given row positions. danfo's only floating type is called float32; its values stay JavaScript
 * doubles. Rows are picked by position, because `loc` costs rows².
 */
export function takeDoubles(columns: readonly Float64Array[], positions: readonly number[]): Float64Array[] {
  const rows = positions.map((row) => columns.map((column) => column[row] as number));
  if (rows.length === 0) return columns.map(() => new Float64Array());
  const names = namesOf(columns.length);
  const frame = new danfo.DataFrame(rows, { columns: names, dtypes: names.map(() => 'float32') });
  return (frame.getColumnData as unknown as number[][]).map((values) => Float64Array.from(values));
}
