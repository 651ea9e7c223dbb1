import { listed } from '../../../domain/dataset/csv/columns.ts';
import { whyUnreadable, type LeftOutColumn } from '../../../domain/dataset/features.ts';
import type { ReadColumn } from '../../../domain/dataset/numbers/column-reader.ts';
import { DatasetError } from '../../../domain/errors.ts';

/** Beyond it, squared errors overflow. */
const MAX_TARGET = 1e150;

export interface RowCounts {
  readonly kept: number;
  readonly empty: number;
  readonly unreadable: number;
  /** Of the kept rows. */
  readonly minimum: number;
  readonly maximum: number;
}

export function requireNumbers(file: string, column: ReadColumn, field: string): void {
  const why = whyUnreadable(column);
  if (why === null) return;
  const { rows, missing, unreadable, problem, sample } = column;
  throw new DatasetError({
    what: `column "${column.column}" cannot be read as numbers`,
    where: file,
    expected: `numbers, as ${field} names it`,
    got:
      problem ??
      `${missing} of ${rows} cells empty, ${unreadable} no number${sample === null ? '' : `, the first "${sample}"`}`,
    hint: 'Name another column, or correct the file',
  });
}

export function requireVariety(file: string, target: string, { kept, minimum, maximum }: RowCounts): void {
  if (Math.max(-minimum, maximum) > MAX_TARGET) {
    throw new DatasetError({
      what: `the target "${target}" is too large to learn: squared errors overflow`,
      where: file,
      expected: `numbers within ±${MAX_TARGET}`,
      got: `${minimum} to ${maximum}`,
      hint: 'Correct the file, or scale the column',
    });
  }
  if (minimum < maximum || kept < 2) return;
  throw new DatasetError({
    what: `the target "${target}" is constant: nothing to learn`,
    where: file,
    expected: 'different numbers',
    got: `${minimum} in each of ${kept} rows`,
    hint: 'Name another column in dataset.target, or correct the file',
  });
}

export function noFeature(file: string, target: string, leftOut: readonly LeftOutColumn[]): DatasetError {
  const columns = leftOut.map(({ column, reason }) => `"${column}" (${reason})`);
  return new DatasetError({
    what: 'no numeric feature',
    where: file,
    expected: `a mostly numeric column besides "${target}"`,
    got: columns.length === 0 ? 'no other column' : `columns ${listed(columns)}`,
    hint: 'Name the features in dataset.features, or check dataset.delimiter',
  });
}

export function everyRowDropped(file: string, rows: number, used: readonly ReadColumn[]): DatasetError {
  const worst = [...used].sort((a, b) => b.missing + b.unreadable - a.missing - a.unreadable).slice(0, 3);
  return new DatasetError({
    what: 'every row was dropped',
    where: file,
    expected: 'rows with a finite number in every used column',
    got: `0 of ${rows} rows; most gaps: ${worst
      .map(({ column, missing, unreadable }) => `"${column}" ${missing} empty, ${unreadable} not a number`)
      .join('; ')}`,
    hint: 'Leave the emptiest columns out by naming the others in dataset.features',
  });
}
