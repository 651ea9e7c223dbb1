/** How the numbers of one column are written. */
export interface Notation {
  /** Null: whole numbers only. */
  readonly decimal: '.' | ',' | null;
  /** Between groups of digits; all spaces are one separator, and so are both apostrophes. */
  readonly thousands: '.' | ',' | "'" | ' ' | null;
  /** The same in every cell, as the first one has it: `min`, `%`, `/10`, `$`. Values are as written: `85%` is 85. */
  readonly unit: string | null;
  /** Values are multiplied by them: `k`, `M`, `million`. */
  readonly magnitudes: readonly string[];
  /** How negative numbers are written, unless the minus is before the digits. */
  readonly negatives: 'in parentheses' | 'at the end' | null;
}

/** One short line: `thousands ",", currency "$", magnitudes k, M`. */
export function describeNotation({ decimal, thousands, unit, magnitudes, negatives }: Notation): string {
  return [
    thousands === null ? '' : `thousands "${thousands}"`,
    decimal === null || (decimal === '.' && thousands === null) ? '' : `decimal "${decimal}"`,
    unit === null ? '' : describeUnit(unit),
    magnitudes.length === 0 ? '' : `magnitudes ${magnitudes.join(', ')}`,
    negatives === null ? '' : `minus ${negatives}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function describeUnit(unit: string): string {
  if (unit === '%') return 'percent';
  return `unit "${unit}"`;
}
