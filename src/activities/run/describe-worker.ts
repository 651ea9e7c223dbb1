import type { WorkerFacts } from '../../domain/run/worker-facts.ts';

/** Port: what a run can only hear from the worker that begins it. */
export interface WorkerDescriber {
  describe(): Promise<WorkerFacts>;
}

/** A local activity: workflow code must not know by itself where it runs. */
export function createDescribeWorker({ describer }: { readonly describer: WorkerDescriber }) {
  return async function describeWorker(): Promise<WorkerFacts> {
    return describer.describe();
  };
}
