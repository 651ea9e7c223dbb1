import Table from 'cli-table3';

/** What was found, and what it must be. */
export interface Finding {
  readonly what: string;
  readonly found: string;
  readonly bound: string;
  readonly isMet: boolean;
}

export function atMost(what: string, found: number, bound: number, unit: string): Finding {
  return { what, found: `${found} ${unit}`, bound: `≤ ${bound} ${unit}`, isMet: found <= bound };
}

export function equal(what: string, found: number, expected: number): Finding {
  return { what, found: String(found), bound: `= ${expected}`, isMet: found === expected };
}

/** A table, and the same as one JSON object in the last line. */
export function printFindings(findings: readonly Finding[]): string {
  const table = new Table({ head: ['what', 'found', 'must be', 'met'], style: { head: [], border: [] } });
  for (const { what, found, bound, isMet } of findings)
    table.push([what, found, bound, isMet ? 'yes' : 'NO']);
  return `${table.toString()}\n${JSON.stringify({ findings })}`;
}
