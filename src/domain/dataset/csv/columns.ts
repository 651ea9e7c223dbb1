import { DatasetError } from '../../errors.ts';
import { MAX_COLUMNS } from '../limits.ts';

export interface NamedColumns {
  readonly target: string;
  readonly features: 'numeric' | readonly string[];
  readonly key?: string | undefined;
}

/** Columns of a file by position. */
export interface FileColumns {
  readonly names: readonly string[];
  readonly target: number;
  /** null: a hash of its cells identifies a row. */
  readonly key: number | null;
  /** null: the row number names a row. */
  readonly label: number | null;
  /** Those whose cells are read as numbers: the named features, or all but the key; always the target. */
  readonly candidates: readonly number[];
  /** Those that are no candidates because another one has the same name. */
  readonly repeated: readonly number[];
}

const DEFAULT_KEYS = ['movie_imdb_link'];
const LABELS = ['movie_title', 'title', 'primaryTitle', 'name'];
const NUMBER = /^[+-]?\d+([.,]\d+)*$/;
const MAX_LISTED_CHARS = 400;

/**
 * @param names as in the header, trimmed
 * @throws DatasetError when a named column is missing or not the only one of its name, or there are too many columns
 */
export function resolveColumns(
  where: { readonly file: string; readonly line: number; readonly header: boolean },
  names: readonly string[],
  input: NamedColumns,
): FileColumns {
  if (names.length > MAX_COLUMNS) {
    throw new DatasetError({
      what: 'too many columns',
      where: `${where.file}:${where.line}`,
      expected: `at most ${MAX_COLUMNS}`,
      got: `${names.length}`,
      hint: 'Export only the columns that are needed, and check the delimiter',
    });
  }
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const isUnique = (name: string): boolean => counts.get(name) === 1;
  const find = (name: string): number => {
    if (isUnique(name)) return names.indexOf(name);
    throw counts.has(name) ? repeatedColumn(where, names, name) : missingColumn(where, names, name);
  };
  const key = input.key === undefined ? firstOf(DEFAULT_KEYS.filter(isUnique), names) : find(input.key);
  const target = find(input.target);
  const chosen = input.features === 'numeric' ? null : input.features.map(find);
  const all = names.map((_, position) => position);
  // Every unnamed column is its own: none of them can be named.
  const isAlone = (position: number): boolean =>
    names[position] === '' || isUnique(names[position] as string);
  return {
    names,
    target,
    key,
    label: firstOf(LABELS.filter(isUnique), names),
    candidates: chosen
      ? [...chosen, target]
      : all.filter((position) => position === target || (position !== key && isAlone(position))),
    repeated: chosen ? [] : all.filter((position) => !isAlone(position)),
  };
}

function firstOf(wanted: readonly string[], names: readonly string[]): number | null {
  return wanted[0] === undefined ? null : names.indexOf(wanted[0]);
}

function missingColumn(
  { file, line, header }: { readonly file: string; readonly line: number; readonly header: boolean },
  names: readonly string[],
  name: string,
): DatasetError {
  const filled = names.filter((column) => column !== '');
  const numbers = filled.filter((column) => NUMBER.test(column));
  if (header && numbers.length > 0 && numbers.length === filled.length) {
    return new DatasetError({
      what: 'the header consists of numbers',
      where: `${file}:${line}`,
      expected: `column names, with "${name}" among them`,
      got: listed(names),
      hint: 'If the file has no header line, set dataset.header to false and name the columns column1, column2, …',
    });
  }
  return new DatasetError({
    what: `column "${name}" is missing`,
    where: file,
    got: `columns ${listed(names)}`,
    hint: missingColumnHint(header ? (names[0] ?? '') : '', header && numbers.length > 0),
  });
}

function missingColumnHint(first: string, hasNumbers: boolean): string {
  if (first.startsWith('#')) return 'If lines that begin with "#" are comments, set dataset.comment to "#"';
  const choice = 'Name one of these in dataset.target, dataset.features or dataset.key';
  return hasNumbers
    ? `${choice}; if they are a row, set dataset.header to false`
    : `${choice}, or correct the header`;
}

function repeatedColumn(
  { file, line }: { readonly file: string; readonly line: number },
  names: readonly string[],
  name: string,
): DatasetError {
  const times = names.filter((column) => column === name).length;
  return new DatasetError({
    what: `column "${name}" appears ${times === 2 ? 'twice' : `${times} times`}`,
    where: `${file}:${line}`,
    expected: 'every column that the input names once',
    got: `columns ${listed(names)}`,
    hint: 'Rename or remove the repeated columns in the header',
  });
}

export function listed(names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    text += text === '' ? name : `, ${name}`;
    if (text.length > MAX_LISTED_CHARS) return `${text.slice(0, MAX_LISTED_CHARS)}…`;
  }
  return text;
}
