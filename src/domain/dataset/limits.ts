/** What a run loads at most. A file beyond is refused early, not after hours. */
export const MAX_ROWS = 10_000_000;
export const MAX_COLUMNS = 4_096;
/** As in Python's csv module. A longer quoted cell is taken for a quote that is not closed. */
export const MAX_CELL_CHARS = 131_072;
/** Of text, after decompression. */
export const MAX_TEXT_BYTES = 8 * 2 ** 30;
/** Of a row whose end is not found. */
export const MAX_ROW_CHARS = 2 ** 25;
