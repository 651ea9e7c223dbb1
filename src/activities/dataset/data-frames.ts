/** Port: data frames. */
export interface DataFrames {
  /** @param rows one vector per row, in the order of `columns` */
  fromRows(columns: readonly string[], rows: readonly (readonly number[])[]): Frame;
}

export interface Frame {
  doubles(column: string): readonly number[];
  /** Row vectors, in the order of the columns. */
  vectors(): readonly (readonly number[])[];
}
