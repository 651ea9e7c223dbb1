import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Place, Attempt } from './place.ts';

/** `kill`: SIGKILL. `stop`: SIGSTOP. `hold`: the worker waits while the suite breaks something. */
export type InjectionAction = 'kill' | 'stop' | 'hold';

/** What a worker does to itself at a place. */
export interface Injection {
  readonly name: string;
  readonly place: Place;
  readonly action: InjectionAction;
}

/** Written by the worker, synchronously, before it injects: the proof that it did, and where. */
export interface Claim extends Attempt {
  readonly moment: string;
  readonly pid: number;
  readonly atMs: number;
}

/** A link appears whole and fails if the name is taken: so one worker of all injects, once. */
export function claimInjection(directory: string, injection: Injection, claim: Claim): boolean {
  const file = claimFile(directory, injection);
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

export function readClaim(directory: string, injection: Injection): Claim | undefined {
  const text = readIfThere(claimFile(directory, injection));
  return text === undefined ? undefined : (JSON.parse(text) as Claim);
}

export function releaseHold(directory: string, injection: Injection): void {
  writeFileSync(releaseFile(directory, injection), '');
}

export function isReleased(directory: string, injection: Injection): boolean {
  return readIfThere(releaseFile(directory, injection)) !== undefined;
}

function claimFile(directory: string, { name }: Injection): string {
  return join(directory, `injection-${name}.json`);
}

function releaseFile(directory: string, { name }: Injection): string {
  return join(directory, `injection-${name}.released`);
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
