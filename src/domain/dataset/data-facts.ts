import type { LoadDatasetResult } from '../run/step-results.ts';
import { groupDigits, shortText } from '../text.ts';
import { describeDialect } from './dialect.ts';
import type { ColumnGaps } from './dataset-columns.ts';
import type { LeftOutColumn } from './features.ts';

/** What a run's result keeps of its load. */
export type LoadedData = Pick<
  LoadDatasetResult,
  | 'source'
  | 'dialect'
  | 'rows'
  | 'badRows'
  | 'gaps'
  | 'notations'
  | 'leftOut'
  | 'leftOutCount'
  | 'keyColumn'
  | 'keyless'
  | 'keyCandidates'
>;

/** A few lines about one thing. */
export interface DataFact {
  readonly label: string;
  /** One line each, of bounded length. Parts are text of a file, so each place escapes them in its own way. */
  readonly lines: readonly string[];
}

const MAX_COLUMN_CHARS = 40;
const MAX_SAMPLE_CHARS = 40;
/** Reasons may quote cells. */
const MAX_REASON_CHARS = 200;
const MAX_PATH_CHARS = 200;
/** Columns with gaps and with notations, most important first; the report has all that the result keeps. */
const SHOWN_COLUMNS = 5;

/** What a load found, for the command's table and the details of a run: bounded, whatever is in the file. */
export function describeData(data: LoadedData): readonly DataFact[] {
  const { rows, gaps, notations, leftOut, leftOutCount, keyless } = data;
  const facts: DataFact[] = [
    { label: 'dataset', lines: [describeFile(data)] },
    { label: 'rows dropped', lines: [describeDropped(rows)] },
    { label: 'bad rows', lines: describeBadRows(data) },
    { label: 'gaps', lines: some(gaps.map(describeGaps), gaps.length, SHOWN_COLUMNS) },
    { label: 'notations', lines: some(notations.map(describeNotated), notations.length, SHOWN_COLUMNS) },
    { label: 'left out', lines: some(leftOut.map(describeLeftOut), leftOutCount, leftOut.length) },
    { label: 'key', lines: keyless > 0 ? [describeKey(data)] : [] },
  ];
  return facts.filter(({ lines }) => lines.length > 0);
}

/** `films.csv: 5,043 rows; semicolon, gzip` */
export function describeFile({
  source,
  dialect,
  rows,
}: Pick<LoadedData, 'source' | 'dialect' | 'rows'>): string {
  const unusual = describeDialect(dialect);
  const count = `${shortText(source.path, MAX_PATH_CHARS)}: ${groupDigits(rows.loaded)} rows`;
  return unusual === '' ? count : `${count}; ${shortText(unusual, MAX_REASON_CHARS)}`;
}

/** `1,242: 1,240 with an empty cell, 2 with an unreadable cell` */
export function describeDropped({ dropped, empty, unreadable, bad }: LoadedData['rows']): string {
  const causes = [
    ...(empty > 0 ? [`${groupDigits(empty)} with an empty cell`] : []),
    ...(unreadable > 0 ? [`${groupDigits(unreadable)} with an unreadable cell`] : []),
    ...(bad > 0 ? [`${groupDigits(bad)} bad`] : []),
  ];
  return causes.length === 0 ? groupDigits(dropped) : `${groupDigits(dropped)}: ${causes.join(', ')}`;
}

export function describeBadRows({ badRows: { count, lines, first } }: Pick<LoadedData, 'badRows'>): string[] {
  if (count === 0) return [];
  const places = lines.join(', ');
  const more = count > lines.length ? ', …' : '';
  const problem = first === null ? '' : `; the first: ${shortText(first, MAX_REASON_CHARS)}`;
  return [`${groupDigits(count)} at line${count === 1 ? '' : 's'} ${places}${more}${problem}`];
}

/** `votes: 354 unreadable, like "1,234" in row 7` */
function describeGaps({ column, missing, unreadable, firstUnreadable }: ColumnGaps): string {
  const counts = [
    ...(missing > 0 ? [`${groupDigits(missing)} empty`] : []),
    ...(unreadable > 0 ? [`${groupDigits(unreadable)} unreadable`] : []),
  ];
  const sample = firstUnreadable
    ? `, like ${quoted(firstUnreadable.text)} in row ${firstUnreadable.row}`
    : '';
  return `${columnText(column)}: ${counts.join(', ')}${sample}`;
}

function describeNotated({ column, notation, sample }: LoadedData['notations'][number]): string {
  return `${columnText(column)}: ${shortText(notation, MAX_REASON_CHARS)} (${quoted(sample)})`;
}

/** `oscars: 97 % of its cells have no number ("3")` */
export function describeLeftOut({ column, reason, sample }: LeftOutColumn): string {
  const cell = sample === null ? '' : ` (${quoted(sample)})`;
  return `${columnText(column)}: ${shortText(reason, MAX_REASON_CHARS)}${cell}`;
}

/** `title`, `title; 3 rows have none, a hash identifies them`, or `none, a hash identifies a row; dataset.key could be title` */
export function describeKey({
  keyColumn,
  keyless,
  keyCandidates,
}: Pick<LoadedData, 'keyColumn' | 'keyless' | 'keyCandidates'>): string {
  if (keyColumn !== null) {
    const missing = `; ${groupDigits(keyless)} rows have none, a hash identifies them`;
    return `${columnText(keyColumn)}${keyless > 0 ? missing : ''}`;
  }
  const could = keyCandidates.map(columnText).join(', ');
  return `none, a hash identifies a row${could === '' ? '' : `; dataset.key could be ${could}`}`;
}

function some(lines: readonly string[], total: number, shown: number): readonly string[] {
  const more = total - Math.min(shown, lines.length);
  return more > 0 ? [...lines.slice(0, shown), `and ${groupDigits(more)} more`] : lines;
}

/** The name of a column, as people can read it. */
export function columnText(column: string): string {
  const name = shortText(column, MAX_COLUMN_CHARS);
  return name === '' ? '(unnamed)' : name;
}

export function sampleText(cell: string): string {
  return shortText(cell, MAX_SAMPLE_CHARS);
}

function quoted(cell: string): string {
  return `"${sampleText(cell)}"`;
}
