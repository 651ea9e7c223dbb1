import type { Role } from '../domain/roles.ts';

interface Queue {
  /** They share the task queue, so one Temporal worker polls it for all of them. */
  readonly roles: readonly Role[];
  /** Of each process; the number of processes follows from cores and memory. See decision 0021. */
  readonly maxActivities: number;
}

export const QUEUES: readonly Queue[] = [
  { roles: ['workflows', 'data'], maxActivities: 16 },
  { roles: ['scoring'], maxActivities: 16 },
  // A training uses all forest threads and much memory: the next one goes to another worker, or waits.
  { roles: ['training'], maxActivities: 1 },
];
