/** What a worker may take. Each activity belongs to one of them, see `domain/run/steps.ts`. */
export const ROLES = ['workflows', 'data', 'training', 'scoring'] as const;
export type Role = (typeof ROLES)[number];

/** @returns undefined when the list, separated by commas, has a name that is no role */
export function parseRoles(list: string): Role[] | undefined {
  const names = list.split(',').map((name) => name.trim());
  const roles = ROLES.filter((role) => names.includes(role));
  return names.every((name) => (ROLES as readonly string[]).includes(name)) ? roles : undefined;
}

/** Behind the TASK_QUEUE of a worker. Temporal itself keeps the tasks of workflows and of activities apart. */
const QUEUE_SUFFIX: Readonly<Record<Role, string>> = {
  workflows: '',
  data: '',
  training: '-training',
  scoring: '-scoring',
};

export function taskQueueOf(role: Role, workersTaskQueue: string): string {
  return `${workersTaskQueue}${QUEUE_SUFFIX[role]}`;
}

/** Has no tasks: who polls it says in its name which artifact store it uses. */
export function storeQueueOf(workersTaskQueue: string): string {
  return `${workersTaskQueue}-stores`;
}

/** Of the tasks on a queue. */
export function roleOfQueue(taskQueue: string, kind: 'workflow' | 'activity'): Role {
  if (kind === 'workflow') return 'workflows';
  return ROLES.find((role) => QUEUE_SUFFIX[role] !== '' && taskQueue.endsWith(QUEUE_SUFFIX[role])) ?? 'data';
}

/** The TASK_QUEUE of the workers that poll this queue: its own name without the suffix of a role. */
export function workerTaskQueue(taskQueue: string): string {
  const suffix = QUEUE_SUFFIX[roleOfQueue(taskQueue, 'activity')];
  return taskQueue.slice(0, taskQueue.length - suffix.length);
}
