import { activityInfo } from '@temporalio/activity';
import type { TrainingTurn } from '../../domain/run/worker-facts.ts';

/** Port: the workers that take trainings. */
export interface TrainingWorkers {
  /** `missing`: trainings of the workflow wait, and nothing shows that a worker takes them. */
  findTurn(workflow: WorkflowExecution, taskQueue: string): Promise<TrainingTurn>;
}

type WorkflowExecution = NonNullable<ReturnType<typeof activityInfo>['workflowExecution']>;

/** A retry asks again. */
export function createFindTrainingWorker({ trainingWorkers }: { readonly trainingWorkers: TrainingWorkers }) {
  return async function findTrainingWorker(taskQueue: string): Promise<TrainingTurn> {
    const { workflowExecution } = activityInfo();
    return workflowExecution ? trainingWorkers.findTurn(workflowExecution, taskQueue) : 'begun';
  };
}
