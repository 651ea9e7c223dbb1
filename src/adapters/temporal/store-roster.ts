import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { storeQueueOf } from '../../domain/roles.ts';
import { shortText } from '../../domain/text.ts';
import type { Logger } from '../logger.ts';
import { isStillPolling, readPollers } from './pollers.ts';

/** A worker, and the artifact store that it uses. */
export interface StoreUser {
  /** As Temporal shows it: process and host. */
  readonly worker: string;
  /** When it began, ISO 8601. */
  readonly since: string;
  readonly id: string;
  readonly place: string;
}

export interface StoreRoster {
  /** Until it is closed, others find this worker. */
  announce(user: StoreUser): void;
  /** The workers of this task queue; none while the server does not say. One that has died counts for a minute. */
  list(): Promise<StoreUser[]>;
  /** The connection of a worker cannot end an open poll: the server does, and nobody waits for it. */
  close(): void;
}

/** The server ends a poll without a task after a minute. */
const POLL_LIMIT_MS = 90_000;
const RETRY_MS = 5_000;
const TIMEOUT_MS = 10_000;
/** The server takes a name of 1,000 characters at most. */
const MAX_PLACE_CHARS = 500;

/**
 * Which store each worker of a task queue uses, without a workflow of its own: a worker polls a queue that never has tasks,
 * under a name that says it. The server lists who polls, and forgets those who do not.
 */
export function createStoreRoster(client: Client, workersTaskQueue: string, logger: Logger): StoreRoster {
  const taskQueue = storeQueueOf(workersTaskQueue);
  const stopping = new AbortController();

  let hasWarned = false;
  const warn = (error: unknown): void => {
    if (stopping.signal.aborted || hasWarned) return;
    hasWarned = true;
    logger.warn({ error, taskQueue }, 'workers may not see which artifact store the others use');
  };

  async function poll(identity: string): Promise<void> {
    const { signal } = stopping;
    const request = { namespace: client.options.namespace, taskQueue: { name: taskQueue }, identity };
    const ask = () => client.workflowService.pollActivityTaskQueue(request);
    while (!signal.aborted) {
      try {
        await client.withDeadline(Date.now() + POLL_LIMIT_MS, ask);
      } catch (error) {
        warn(error);
        await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => undefined);
      }
    }
  }

  return {
    announce(user) {
      void poll(toIdentity(user));
    },
    async list() {
      try {
        const pollers = await client.withDeadline(Date.now() + TIMEOUT_MS, () =>
          readPollers(client, taskQueue, 'activity'),
        );
        const now = new Date().toISOString();
        return pollers
          .filter(({ lastPollAt }) => isStillPolling(lastPollAt, now))
          .flatMap(({ identity }) => parseIdentity(identity));
      } catch (error) {
        warn(error);
        return [];
      }
    },
    close() {
      stopping.abort();
    },
  };
}

function toIdentity({ worker, since, id, place }: StoreUser): string {
  return `${worker} since ${since} uses store ${id} at ${shortText(place, MAX_PLACE_CHARS)}`;
}

const IDENTITY = /^(?<worker>.+) since (?<since>\S+) uses store (?<id>\S+) at (?<place>.+)$/;

/** Empty for a name that is not of {@link toIdentity}. */
function parseIdentity(identity: string): StoreUser[] {
  const groups = IDENTITY.exec(identity)?.groups as StoreUser | undefined;
  return groups ? [{ ...groups }] : [];
}
