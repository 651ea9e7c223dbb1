import { activityInfo } from '@temporalio/activity';

/** Port: the workers that take trainings. */
export interface TrainingWorkers {
  /** @returns false when trainings of the workflow wait and nothing shows that a worker takes them */
  isFound(workflow: WorkflowExecution, taskQueue: string): Promise<boolean>;
}

type WorkflowExecution = NonNullable<ReturnType<typeof activityInfo>['workflowExecution']>;

/** A retry asks again. */
export function createFindTrainingWorker({ trainingWorkers }: { readonly trainingWorkers: TrainingWorkers }) {
  return async function findTrainingWorker(taskQueue: string): Promise<boolean> {
    const { workflowExecution } = activityInfo();
    return workflowExecution === undefined || trainingWorkers.isFound(workflowExecution, taskQueue);
  };
}
