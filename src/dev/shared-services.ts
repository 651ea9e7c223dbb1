import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeKafka } from './kafka/kafka-broker.ts';
import { isRunning, type ProcessIdentity } from './process/process-identity.ts';
import { claimLock, readIfExists } from './process/state-dir-lock.ts';
import { probeTemporal } from './temporal/temporal-server.ts';

export interface ServiceAddresses {
  readonly temporalAddress: string;
  /** Undefined for a server that was not started here: its address does not determine the UI's. */
  readonly temporalUiUrl: string | undefined;
  readonly kafkaBrokers: readonly string[];
}

/** Either this process may run the services of the directory, or another process runs them and they answer. */
export type ServicesClaim =
  | {
      readonly held: true;
      announce(addresses: ServiceAddresses): Promise<void>;
      retract(): Promise<void>;
      release(): Promise<void>;
    }
  | { readonly held: false; readonly addresses: ServiceAddresses };

export class StateDirInUse extends Error {
  override readonly name = 'StateDirInUse';

  constructor(
    facts: {
      readonly stateDir: string;
      readonly pid: number;
      readonly lockFile: string;
      readonly waitedMs: number;
    },
    options?: ErrorOptions,
  ) {
    super(
      `${facts.stateDir} belongs to process ${facts.pid}, whose services did not answer within ${Math.round(facts.waitedMs / 1000)} s. ` +
        `End that process, or delete ${facts.lockFile} if it belongs to another program`,
      options,
    );
  }
}

/** The other process may still be downloading. */
const START_TIMEOUT_MS = 10 * 60_000;
/** Announced services have answered before: if they are silent for this long, they are down. */
const ANSWER_TIMEOUT_MS = 60_000;

export async function claimOrShare(
  stateDir: string,
  onMessage: (line: string) => void,
): Promise<ServicesClaim> {
  const lockFile = join(stateDir, 'services.lock');
  const addressFile = join(stateDir, 'services.json');
  for (;;) {
    const lock = await claimLock(lockFile);
    if (lock.held) {
      // A process that was killed left it behind.
      await rm(addressFile, { force: true });
      return {
        held: true,
        announce: (addresses) => writeWhole(addressFile, JSON.stringify(addresses, undefined, 2)),
        retract: () => rm(addressFile, { force: true }),
        release: () => lock.release(),
      };
    }
    onMessage(`Using the services of process ${lock.owner.pid}, which holds ${stateDir}`);
    const addresses = await waitForOwner(lock.owner, { stateDir, lockFile, addressFile });
    if (addresses !== undefined) return { held: false, addresses };
  }
}

/** Undefined when the owner has ended: then the lock is free. */
async function waitForOwner(
  owner: ProcessIdentity,
  { stateDir, lockFile, addressFile }: Readonly<Record<'stateDir' | 'lockFile' | 'addressFile', string>>,
): Promise<ServiceAddresses | undefined> {
  const startedAtMs = Date.now();
  let timeoutMs = START_TIMEOUT_MS;
  let lastError: unknown;
  while (Date.now() - startedAtMs < timeoutMs) {
    if ((await readIfExists(lockFile)) === undefined || !(await isRunning(owner))) return undefined;
    const announced = await readIfExists(addressFile);
    if (announced !== undefined) {
      const addresses = JSON.parse(announced) as ServiceAddresses;
      try {
        await Promise.all([probeTemporal(addresses.temporalAddress), probeKafka(addresses.kafkaBrokers)]);
        return addresses;
      } catch (error) {
        if (lastError === undefined) timeoutMs = Date.now() - startedAtMs + ANSWER_TIMEOUT_MS;
        lastError = error;
      }
    }
    await sleep(200);
  }
  throw new StateDirInUse({ stateDir, pid: owner.pid, lockFile, waitedMs: timeoutMs }, { cause: lastError });
}

async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.draft`, text);
  await rename(`${file}.draft`, file);
}
