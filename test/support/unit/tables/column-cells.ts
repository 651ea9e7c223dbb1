import { Row } from '../../../../src/domain/dataset/csv/row.ts';
import type { ColumnReader } from '../../../../src/domain/dataset/numbers/column-reader.ts';

/** The next cells of a column, each from a row between two others. */
export function addCells(reader: ColumnReader, cells: readonly string[]): void {
  const row = new Row();
  for (const cell of cells) {
    row.own(['1', cell, '2']);
    reader.add(row, 1);
  }
}
