import type { Client } from '@temporalio/client';
import { pollUntil } from '../../support/poll-until.ts';
import type { RoundWorkers } from '../environment/workers.ts';
import { describePlace } from './place.ts';
import type { OwnServers } from '../environment/servers.ts';
import { readClaim, type Claim, type Injection } from './injection.ts';

/** The parts of its round that a fault uses. */
export interface FaultContext {
  /** Of the round: claims, releases, the journal. */
  readonly directory: string;
  readonly artifactDir: string;
  readonly topic: string;
  readonly client: Client;
  /** Of the run or stream that the fault is injected into. */
  readonly workflowId: string;
  /** Starts that workflow. */
  readonly start: () => Promise<void>;
  readonly workers: RoundWorkers;
  /** Absent where rounds share servers: then no fault takes one away. */
  readonly servers?: OwnServers;
  /** How long a broker stays away. */
  readonly awaySeconds: number;
  /** The final status of the workflow, once it has ended for good. */
  readonly ended: () => string | undefined;
}

/** A fault that was injected where it was planned. */
export interface Firing {
  /** Shows in the report that the fault was injected. */
  readonly proof: string;
  /** From the injection to the next attempt of the call, or to its first success after the repair. */
  readonly resumeSeconds?: number;
  /** What must not happen and did. The records are judged in any case. */
  readonly violation?: string;
}

export class FaultDidNotFire extends Error {
  override readonly name = 'FaultDidNotFire';
}

/** Only a fault whose effect never shows reaches this limit. */
const FAULT_LIMIT_MS = 15 * 60_000;

/** Polls for the effect of a fault, over all retries. */
export async function expectEffect<T>(
  what: string,
  probe: () => T | Promise<T>,
): Promise<Exclude<T, undefined | false>> {
  const found = async () => (await probe()) as Exclude<T, undefined | false> | undefined | false;
  return pollUntil(what, found, FAULT_LIMIT_MS);
}

/** @throws FaultDidNotFire when the workflow ends before the injection */
export async function untilClaimed({ directory, ended }: FaultContext, injection: Injection): Promise<Claim> {
  return expectEffect(`an injection ${describePlace(injection.place)}`, () => {
    const status = ended();
    const claim = readClaim(directory, injection);
    if (claim !== undefined) return claim;
    if (status === undefined) return undefined;
    throw new FaultDidNotFire(
      `the run was ${status} before an attempt reached ${describePlace(injection.place)}`,
    );
  });
}
