/** Unusable cells of a used column; a row with one is dropped. */
export interface ColumnGaps {
  readonly column: string;
  readonly missing: number;
  /** Cells that hold something other than a number in the column's notation. */
  readonly unreadable: number;
  /** `row` is the record number in the file, the header being 1. */
  readonly firstUnreadable?: { readonly row: number; readonly text: string };
}
