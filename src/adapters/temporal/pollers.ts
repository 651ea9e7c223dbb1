import type { Client } from '@temporalio/client';
import type { TaskKind } from '../../domain/roles.ts';

type Question = Parameters<Client['workflowService']['describeTaskQueue']>[0];

/** `temporal.api.enums.v1.TaskQueueType`, which the client exports as a type alone. */
const TASK_QUEUE_TYPE = { workflow: 1, activity: 2 } as unknown as Readonly<
  Record<TaskKind, NonNullable<Question['taskQueueType']>>
>;

/** A poll lasts a minute; the server lists pollers for five, dead ones too. */
const STILL_POLLING_MS = 75_000;

interface Poller {
  readonly identity: string;
  /** ISO 8601. */
  readonly lastPollAt: string;
}

/** The processes that have asked for tasks of this queue in the last minutes. */
export async function readPollers(client: Client, taskQueue: string, kind: TaskKind): Promise<Poller[]> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE[kind],
  });
  return pollers.flatMap(({ identity, lastAccessTime }) => {
    if (!lastAccessTime) return [];
    const lastPollAt = new Date(Number(lastAccessTime.seconds ?? 0) * 1_000).toISOString();
    return [{ identity: identity ?? '', lastPollAt }];
  });
}

/** When each of them did so last, ISO 8601. */
export async function readPolls(client: Client, taskQueue: string, kind: TaskKind): Promise<string[]> {
  return (await readPollers(client, taskQueue, kind)).map(({ lastPollAt }) => lastPollAt);
}

/** When a worker last asked for tasks of this queue, ISO 8601; null when none has in the last minutes. */
export async function lastPoll(client: Client, taskQueue: string, kind: TaskKind): Promise<string | null> {
  const polls = await readPolls(client, taskQueue, kind);
  return polls.sort().at(-1) ?? null;
}

/** Processes that take tasks of this queue; one that has died counts for a minute. */
export async function countPolling(
  client: Client,
  taskQueue: string,
  kind: TaskKind,
  now: string,
): Promise<number> {
  const polls = await readPolls(client, taskQueue, kind);
  return polls.filter((poll) => isStillPolling(poll, now)).length;
}

export function isStillPolling(lastPollAt: string | null, now: string): boolean {
  return lastPollAt !== null && Date.parse(now) - Date.parse(lastPollAt) < STILL_POLLING_MS;
}
