/** What pandas takes for missing when it reads a CSV. */
const PANDAS = [
  ...['', '#N/A', '#N/A N/A', '#NA', '<NA>', 'N/A', 'n/a', 'NA', 'NULL', 'null', 'None'],
  ...['NaN', 'nan', '-NaN', '-nan', '1.#IND', '-1.#IND', '1.#QNAN', '-1.#QNAN'],
];
/** MySQL's and IMDb's null, SAS's point, and what people type into a table. */
const OTHERS = ['\\N', '.', '?', '-', '--', '---', '–', '—'];

const TOKENS: ReadonlySet<string> = new Set([...PANDAS, ...OTHERS]);
const LONGEST = Math.max(...[...TOKENS].map((token) => token.length));

/** Whether the cell says that there is no value; spaces around it don't matter. */
export function isMissing(cell: string): boolean {
  const text = cell.trim();
  return text.length <= LONGEST && TOKENS.has(text);
}

/** Whether a missing cell may begin with this UTF-16 unit, apart from spaces. */
export function mayBeMissing(unit: number): boolean {
  return FIRST_UNITS[unit] === 1;
}
const ASCII = 128;
const FIRST_UNITS = Uint8Array.from({ length: ASCII }, (_, unit) =>
  [...TOKENS].some((token) => token.charCodeAt(0) === unit) ? 1 : 0,
);
