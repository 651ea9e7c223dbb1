import type { Client } from '@temporalio/client';

type Question = Parameters<Client['workflowService']['describeTaskQueue']>[0];
export type QueueKind = 'workflow' | 'activity';

/** `temporal.api.enums.v1.TaskQueueType`, which the client exports as a type alone. */
const TASK_QUEUE_TYPE = { workflow: 1, activity: 2 } as unknown as Readonly<
  Record<QueueKind, NonNullable<Question['taskQueueType']>>
>;

/** A poll lasts a minute; the server lists pollers for five, dead ones too. */
const STILL_POLLING_MS = 75_000;

/** When a worker last asked for tasks of this queue, ISO 8601; null when none has in the last minutes. */
export async function lastPoll(client: Client, taskQueue: string, kind: QueueKind): Promise<string | null> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: TASK_QUEUE_TYPE[kind],
  });
  const times = pollers.flatMap(({ lastAccessTime }) =>
    lastAccessTime ? [new Date(Number(lastAccessTime.seconds ?? 0) * 1_000).toISOString()] : [],
  );
  return times.sort().at(-1) ?? null;
}

export function isStillPolling(lastPollAt: string | null, now: string): boolean {
  return lastPollAt !== null && Date.parse(now) - Date.parse(lastPollAt) < STILL_POLLING_MS;
}
