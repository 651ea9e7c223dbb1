import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, Visit } from './place.ts';

/** `kill`: SIGKILL. `stop`: SIGSTOP. `hold`: the worker waits while the suite breaks something around it. */
export type StrikeAction = 'kill' | 'stop' | 'hold';

/** What a worker does to itself at a place. */
export interface Strike {
  readonly name: string;
  readonly place: Place;
  readonly action: StrikeAction;
}

/** Written by the worker that strikes, synchronously and before it does: the proof that it fired, and where. */
export interface Claim extends Visit {
  readonly moment: string;
  readonly pid: number;
  readonly atMs: number;
}

/** A link appears whole and fails if the name is taken: of all workers, one strikes, once. */
export function claimStrike(directory: string, strike: Strike, claim: Claim): boolean {
  const file = claimFile(directory, strike);
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(claim));
  try {
    linkSync(draft, file);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft);
  }
}

export function readClaim(directory: string, strike: Strike): Claim | undefined {
  const text = readIfThere(claimFile(directory, strike));
  return text === undefined ? undefined : (JSON.parse(text) as Claim);
}

export function releaseHold(directory: string, strike: Strike): void {
  writeFileSync(releaseFile(directory, strike), '');
}

export function isReleased(directory: string, strike: Strike): boolean {
  return readIfThere(releaseFile(directory, strike)) !== undefined;
}

function claimFile(directory: string, { name }: Strike): string {
  return join(directory, `strike-${name}.json`);
}

function releaseFile(directory: string, { name }: Strike): string {
  return join(directory, `strike-${name}.released`);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
