/** What a run loads at most. A file beyond is refused early, not after hours. */
export interface TableLimits {
  readonly rows: number;
  /** Of text, after decompression. */
  readonly bytes: number;
  /** Characters of a row whose end is not found. */
  readonly rowChars: number;
}

export const TABLE_LIMITS: TableLimits = { rows: 10_000_000, bytes: 8 * 2 ** 30, rowChars: 2 ** 25 };

export const MAX_COLUMNS = 4_096;
/** As in Python's csv module. A longer quoted cell is taken for a quote that is not closed. */
export const MAX_CELL_CHARS = 131_072;
