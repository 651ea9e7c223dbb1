import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';

export interface RunWatch {
  /** The status that ended the run, once it has ended for good. */
  readonly ended: () => string | undefined;
  /** Resolves with the run's result, also after resets and outages of Temporal. */
  readonly completed: () => Promise<unknown>;
  readonly stop: () => void;
}

/** Only a run that hangs reaches this limit. */
const RUN_LIMIT_MS = 30 * 60_000;
const STATUS_POLL_MS = 500;

/** @param mayEndAs statuses that a fault causes and a repair reverts, which do not end the run */
export function watchRun(
  client: Client,
  workflowId: string,
  { mayEndAs }: { readonly mayEndAs: readonly string[] },
): RunWatch {
  const deadlineMs = Date.now() + RUN_LIMIT_MS;
  const stopping = new AbortController();
  let status: string | undefined;

  const poll = async (): Promise<string | undefined> => {
    const handle = client.workflow.getHandle(workflowId);
    status = (await handle.describe().catch(() => undefined))?.status.name;
    return status;
  };
  const follow = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await poll();
      await sleep(STATUS_POLL_MS);
    }
  };
  void follow();

  return {
    ended: () => {
      if (status === undefined || status === 'RUNNING' || mayEndAs.includes(status)) return undefined;
      return status;
    },
    async completed() {
      for (let now = await poll(); now === undefined || now === 'RUNNING'; now = await poll()) {
        if (Date.now() > deadlineMs) throw new Error(`the run did not end in ${RUN_LIMIT_MS / 1000} s`);
        await sleep(STATUS_POLL_MS);
      }
      return client.workflow.getHandle(workflowId).result() as Promise<unknown>;
    },
    stop: () => {
      stopping.abort();
    },
  };
}
