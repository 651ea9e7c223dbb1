import type { WorkerFacts } from '../../domain/run/worker-facts.ts';

/** Port: facts about the worker that starts a run. */
export interface WorkerDescriber {
  describe(): Promise<WorkerFacts>;
}

/** A local activity, because workflow code must not depend on where it runs. */
export function createDescribeWorker({ describer }: { readonly describer: WorkerDescriber }) {
  return async function describeWorker(): Promise<WorkerFacts> {
    return describer.describe();
  };
}
