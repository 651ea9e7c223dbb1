import { readFile } from 'node:fs/promises';
import Papa from 'papaparse';
import { FIRST_ROW } from '../domain/dataset-columns.ts';
import { DatasetError } from '../domain/errors.ts';

/** What danfo hands to papaparse, so that both see the same rows. */
export const CSV_OPTIONS = { delimiter: ',', dynamicTyping: false, skipEmptyLines: 'greedy' } as const;

interface CsvFile {
  readonly absolutePath: string;
  readonly name: string;
}

/** @throws DatasetError: papaparse would rename a second "gross" to "gross_1" and go on */
export async function refuseDuplicateHeaders({ absolutePath, name }: CsvFile): Promise<void> {
  const text = await readFile(absolutePath, 'utf8');
  const [header = []] = Papa.parse<string[]>(text, { ...CSV_OPTIONS, preview: 1 }).data;
  const columns = header.map((column) => column.trim());
  const twice = columns.filter((column, i) => columns.indexOf(column) !== i);
  if (twice.length === 0) return;
  throw new DatasetError({
    what: `column "${twice[0]}" appears twice`,
    where: `${name}:1`,
    expected: 'every column name once',
    got: `${columns.length} columns, ${twice.length} repeated: ${[...new Set(twice)].join(', ')}`,
    hint: 'Rename or remove the repeated columns in the header',
  });
}

/** danfo reports that parsing failed; this says where. */
export async function explainCsvFailure(
  { absolutePath, name }: CsvFile,
  cause: unknown,
): Promise<DatasetError> {
  const text = await readFile(absolutePath, 'utf8');
  const { data, errors } = Papa.parse(text, { ...CSV_OPTIONS, header: true });
  const hint = 'Correct the file; nothing was published';
  const [first] = errors;
  if (first) {
    return new DatasetError({
      what: 'the CSV is malformed',
      where: `${name}:${(first.row ?? 0) + FIRST_ROW}`,
      got: `${first.message}${errors.length > 1 ? `, and ${errors.length - 1} more such rows` : ''}`,
      hint,
      cause,
    });
  }
  const empty = text.trim() === '';
  return new DatasetError({
    what: empty ? 'the file is empty' : 'the CSV cannot be read',
    where: name,
    expected: 'a header line and rows below it',
    got: empty ? `${text.length} bytes` : `${data.length} rows (${(cause as Error).message})`,
    hint,
    cause,
  });
}
