import type { Client } from '@temporalio/client';
import { pollUntil } from '../support/poll-until.ts';
import type { Crew } from './crew.ts';
import { describePlace } from './place.ts';
import type { OwnServers } from './servers.ts';
import { readClaim, type Claim, type Strike } from './strike.ts';

/** What a fault can reach of its round. */
export interface Scene {
  /** Of the round: claims, releases, the journal. */
  readonly directory: string;
  readonly artifactDir: string;
  readonly client: Client;
  /** Of the pipeline or stream that is struck. */
  readonly workflowId: string;
  /** Starts that workflow. */
  readonly start: () => Promise<void>;
  readonly crew: Crew;
  /** Absent where servers are shared with others: then no fault takes one away. */
  readonly servers?: OwnServers;
  /** How long a broker stays away. */
  readonly awaySeconds: number;
  /** The status that ended the workflow for good, once it did. */
  readonly ended: () => string | undefined;
}

/** A fault that struck where it was meant to. */
export interface Firing {
  /** For people: what shows that it did. */
  readonly proof: string;
  /** From the strike to the next attempt of the struck call, or to the first success after the break. */
  readonly resumeSeconds?: number;
  /** What must not happen and did; the oracle is heard all the same. */
  readonly violation?: string;
}

export class FaultDidNotFire extends Error {
  override readonly name = 'FaultDidNotFire';
}

/** Longer than any fault takes, its retries included. */
const FAULT_LIMIT_MS = 240_000;

/** Polls for what a fault must lead to. */
export async function expectSoon<T>(
  what: string,
  probe: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const found = async () => (await probe()) as Exclude<T, undefined | false> | undefined | false;
  return pollUntil(what, found, FAULT_LIMIT_MS);
}

/** @throws FaultDidNotFire when the workflow ends without having come by */
export async function untilClaimed({ directory, ended }: Scene, strike: Strike): Promise<Claim> {
  return expectSoon(`a strike ${describePlace(strike.place)}`, () => {
    const status = ended();
    const claim = readClaim(directory, strike);
    if (claim !== undefined) return claim;
    if (status === undefined) return undefined;
    throw new FaultDidNotFire(`no attempt came ${describePlace(strike.place)} before the run was ${status}`);
  });
}
