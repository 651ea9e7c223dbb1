/** `movies.csv:120`, which editors open, or `movies.csv lines 120–134`. */
export function linesOf(name: string, first: number, last: number): string {
  return first === last ? `${name}:${first}` : `${name} lines ${first}–${last}`;
}
