import Table, { type TableConstructorOptions } from 'cli-table3';
import { printableLines } from './text.ts';

/** Of a command that has `--json`: stdout then holds one JSON object on its last line, and stderr the text. */
export interface JsonOption {
  readonly json?: true;
}

/** Where a command writes text for people. */
export function textStream({ json }: JsonOption): NodeJS.WriteStream {
  return json ? process.stderr : process.stdout;
}

export function print(text: string, option: JsonOption = {}): void {
  // Titles, column names and messages may come from any file or producer.
  textStream(option).write(`${printableLines(text)}\n`);
}

/** Prints nothing without `--json`. */
export function printJson(facts: object, { json }: JsonOption): void {
  if (json) process.stdout.write(`${JSON.stringify(facts)}\n`);
}

const DIGITS = new Intl.NumberFormat('en-US');

/** `1,234` */
export function number(value: number): string {
  return DIGITS.format(value);
}

type Cell = string | number;
type TableOptions = Pick<TableConstructorOptions, 'colAligns' | 'colWidths' | 'wordWrap'> & {
  readonly head?: readonly string[];
};

/** Lines between all rows would be more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;

export function table(
  rows: readonly (readonly Cell[])[],
  { head = [], ...options }: TableOptions = {},
): string {
  const made = new Table({ ...options, chars: COMPACT, head: [...head], style: { head: [], border: [] } });
  for (const row of rows) made.push([...row]);
  return made.toString();
}
