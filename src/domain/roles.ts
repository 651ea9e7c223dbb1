/** What a worker may take. Each activity belongs to one of them, see `domain/run/steps.ts`. */
export const ROLES = ['workflows', 'data', 'training', 'scoring'] as const;
export type Role = (typeof ROLES)[number];

/** Temporal keeps the two apart, also where they share a queue. */
export type TaskKind = 'workflow' | 'activity';

/**
 * On the queue of a role. Micro-batches are run by the workers that take their activities: the server hands a worker the
 * activities of its own workflows at once (eager execution), if they are on the workflow's queue.
 */
export const TASKS_OF: Readonly<Record<Role, readonly TaskKind[]>> = {
  workflows: ['workflow'],
  data: ['activity'],
  training: ['activity'],
  scoring: ['workflow', 'activity'],
};

/** @returns undefined when the list, separated by commas, has a name that is no role */
export function parseRoles(list: string): Role[] | undefined {
  const names = list.split(',').map((name) => name.trim());
  const roles = ROLES.filter((role) => names.includes(role));
  return names.every((name) => (ROLES as readonly string[]).includes(name)) ? roles : undefined;
}

/** Behind the TASK_QUEUE of a worker. */
const QUEUE_SUFFIX: Readonly<Record<Role, string>> = {
  workflows: '',
  data: '',
  training: '-training',
  scoring: '-scoring',
};

/** @param taskQueue any that the workers poll */
export function taskQueueOf(role: Role, taskQueue: string): string {
  return `${workerTaskQueue(taskQueue)}${QUEUE_SUFFIX[role]}`;
}

/** Has no tasks: who polls it says in its name which artifact store it uses. */
export function storeQueueOf(workersTaskQueue: string): string {
  return `${workersTaskQueue}-stores`;
}

/** Of the tasks on a queue. */
export function roleOfQueue(taskQueue: string, kind: TaskKind): Role {
  const own = ROLES.find((role) => QUEUE_SUFFIX[role] !== '' && taskQueue.endsWith(QUEUE_SUFFIX[role]));
  return own ?? (kind === 'workflow' ? 'workflows' : 'data');
}

/** Whether a queue with this name would be taken for one of a role, so no TASK_QUEUE may have it. */
export function isQueueOfRole(taskQueue: string): boolean {
  return workerTaskQueue(taskQueue) !== taskQueue;
}

/** The TASK_QUEUE of the workers that poll this queue: its own name without the suffix of a role. */
export function workerTaskQueue(taskQueue: string): string {
  const suffix = QUEUE_SUFFIX[roleOfQueue(taskQueue, 'activity')];
  return taskQueue.slice(0, taskQueue.length - suffix.length);
}
