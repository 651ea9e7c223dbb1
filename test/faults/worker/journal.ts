import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameCall, type Attempt } from '../faults/place.ts';

/** The end of a publication that was stopped in the middle and resumed too late. */
export type ZombieOutcome = 'fenced' | 'found the marker' | 'wrote' | 'failed otherwise';

/** The events of a round's workers, in order. */
export type JournalLine = { readonly pid: number; readonly atMs: number } & (
  | { readonly event: 'polling' }
  | ({ readonly event: 'started' } & Attempt)
  | ({ readonly event: 'done' } & Attempt)
  | ({ readonly event: 'failed'; readonly error: string } & Attempt)
  | ({ readonly event: 'resumed'; readonly outcome: ZombieOutcome; readonly detail: string } & Attempt)
);

type Unsigned<T> = T extends unknown ? Omit<T, 'pid' | 'atMs'> : never;
export type JournalEvent = Unsigned<JournalLine>;

const FILE = 'journal.ndjson';

/** Synchronous, so that the line is written even if the worker is killed at the next statement. */
export function writeJournal(directory: string, event: JournalEvent): void {
  const line = { ...event, pid: process.pid, atMs: Date.now() };
  appendFileSync(join(directory, FILE), `${JSON.stringify(line)}\n`);
}

export function readJournal(directory: string): JournalLine[] {
  try {
    const lines = readFileSync(join(directory, FILE), 'utf8').split('\n');
    // A worker may still be writing the text after the last line break.
    return lines.slice(0, -1).map((line) => JSON.parse(line) as JournalLine);
  } catch {
    return [];
  }
}

/** The first line of a call after a time: its next attempt, or its end. */
export function findLine<E extends JournalLine['event']>(
  journal: readonly JournalLine[],
  event: E,
  call: Attempt,
  afterMs: number,
): Extract<JournalLine, { readonly event: E }> | undefined {
  return journal.find(
    (line): line is Extract<JournalLine, { readonly event: E }> =>
      line.event === event && line.atMs > afterMs && 'activity' in line && isSameCall(line, call),
  );
}
