import { availableParallelism } from 'node:os';
import { memoryLimit } from './memory-limit.ts';

/** Of a process among those of its worker: what it does beside the work that any of them takes. */
export interface ProcessPlace {
  /** Which of the processes this is, from 1 on. The first takes trainings: they use all cores and much memory. */
  readonly number: number;
  /** Processes of the worker. */
  readonly processes: number;
  /** Where another process serves the reports; null: nowhere. Undefined: this one serves them. */
  readonly reportUrl?: string | null;
}

/** A worker without other processes. */
export const ALONE: ProcessPlace = { number: 1, processes: 1 };

/** One that scores a stream of large micro-batches needs half of it. */
export const PROCESS_BYTES = 1e9;

export function trainsIn({ number }: ProcessPlace): boolean {
  return number === 1;
}

/** One for each core, if there is memory for them. */
export function defaultProcesses(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(memoryLimit() / PROCESS_BYTES)));
}

/** Each process scores with its share of the threads: together they use the cores once. */
export function scoringThreads(forestThreads: number, { processes }: ProcessPlace): number {
  return Math.max(1, Math.floor(forestThreads / processes));
}

/** What a training may use beside the other processes. */
export function trainingMemory({ processes }: ProcessPlace): number {
  const all = memoryLimit();
  // At least its share: on a small machine others may have been asked for all the same.
  return Math.max(all / processes, all - (processes - 1) * PROCESS_BYTES);
}
