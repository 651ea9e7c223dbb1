import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../adapters/logger.ts';
import type { Stores } from '../adapters/stores.ts';
import type { StoreRoster, StoreUser } from '../adapters/temporal/store-roster.ts';
import { ArtifactStoreMismatch } from '../domain/errors.ts';
import type { Role } from '../domain/roles.ts';

/** A sentence for each thing that the worker lacks; empty: it has all. */
export type OnLacks = (lacks: readonly string[]) => void;

interface Settings {
  readonly roles: readonly Role[];
  readonly stores: Pick<Stores, 'identity' | 'checkArtifacts' | 'checkData'>;
  readonly roster: StoreRoster;
  /** As Temporal shows this worker. */
  readonly worker: string;
  readonly logger: Logger;
  readonly onLacks?: OnLacks | undefined;
  readonly intervalMs?: number;
}

/** How soon two workers with different stores find each other, and a worker that something was corrected. */
const INTERVAL_MS = 10_000;
const STORE = 'the artifact store';
export const NOT_CHECKED = 'the worker still checks what its roles need';

/**
 * Says at the start what the roles of this worker need and do not find, and looks again until they do. The worker runs
 * meanwhile, because somebody may correct it. What fails later is reported by the steps that it fails.
 */
export function watchNeeds(settings: Settings): { close(): Promise<void> } {
  const { roster, logger, onLacks = () => undefined, intervalMs = INTERVAL_MS } = settings;
  const stopping = new AbortController();
  const { signal } = stopping;
  const isStopping = (): boolean => signal.aborted;
  const lacks = new Map<string, string>();
  const unmet = checksFor(settings);

  async function look(name: string, check: () => Promise<void>): Promise<boolean> {
    try {
      await check();
      if (lacks.delete(name)) logger.info(`the worker has found what it lacked: ${name}`);
      return true;
    } catch (error) {
      if (isStopping()) return false;
      const { message } = error as Error;
      if (!lacks.has(name)) logger.error(`the worker lacks what its roles need: ${message}`);
      lacks.set(name, message);
      return false;
    }
  }

  async function keepLooking(): Promise<void> {
    onLacks([NOT_CHECKED]);
    const compare = createComparison(settings);
    while (!isStopping()) {
      await Promise.all(
        [...unmet].map(async ([name, check]) => {
          if (await look(name, check)) unmet.delete(name);
        }),
      );
      if (!unmet.has(STORE)) await look('the artifact store of the other workers', compare);
      if (!isStopping()) onLacks([...lacks.values()]);
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const looking = keepLooking();
  return {
    async close() {
      stopping.abort();
      roster.close();
      await looking;
    },
  };
}

/** By what they look for. Workflows alone only tell which store their run began with. */
function checksFor({ roles, stores }: Settings): Map<string, () => Promise<void>> {
  const checks = new Map<string, () => Promise<void>>();
  if (roles.some((role) => role !== 'workflows')) checks.set(STORE, stores.checkArtifacts);
  if (roles.includes('data')) checks.set('the data directory', stores.checkData);
  return checks;
}

/** The worker that has run the longest is right: those with another store are not ready, and the others name them. */
function createComparison({ stores: { identity }, roster, worker, logger }: Settings): () => Promise<void> {
  const since = new Date().toISOString();
  const named = new Set<string>();
  let own: StoreUser | undefined;
  return async () => {
    if (!own) {
      own = { worker, since, id: await identity.id(), place: identity.place };
      roster.announce(own);
    }
    const { id, place } = own;
    const users = (await roster.list()).sort((a, b) => (a.since < b.since ? -1 : 1));
    const [first] = users;
    const isOwnWrong = first !== undefined && first.since < since && first.id !== id;
    for (const other of users) {
      const name = `${other.worker} ${other.id}`;
      if (isOwnWrong || other.id === id || named.has(name)) continue;
      named.add(name);
      logger.error(
        `worker ${other.worker} uses another artifact store: ${other.place}, and this one ${place}`,
      );
    }
    if (!isOwnWrong) return;
    throw new ArtifactStoreMismatch({
      what: `worker ${worker} does not see the artifact store of worker ${first.worker}`,
      where: place,
      expected: `the store with id ${first.id} (there ${first.place}), which it has used since ${first.since}`,
      got: `id ${id}`,
      hint: 'Give all workers of a task queue the same ARTIFACT_STORE; to move it, stop all of them first',
    });
  };
}
