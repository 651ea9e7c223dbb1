import { activityInfo } from '@temporalio/activity';
import type { WorkerTurn } from '../../domain/run/worker-facts.ts';

/** Port: the workers that take the activities of a task queue. */
export interface WorkerSearch {
  /** `missing`: work of the workflow waits, and nothing shows that a worker takes it. */
  findTurn(workflow: WorkflowExecution, taskQueue: string): Promise<WorkerTurn>;
}

type WorkflowExecution = NonNullable<ReturnType<typeof activityInfo>['workflowExecution']>;

/** A retry asks again. */
export function createFindWorker({ workerSearch }: { readonly workerSearch: WorkerSearch }) {
  return async function findWorker(taskQueue: string): Promise<WorkerTurn> {
    const { workflowExecution } = activityInfo();
    return workflowExecution ? workerSearch.findTurn(workflowExecution, taskQueue) : 'begun';
  };
}
