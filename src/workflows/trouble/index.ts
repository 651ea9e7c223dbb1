import type { WorkflowInterceptors } from '@temporalio/workflow';
import { isTrainingTaskQueue, UNWATCHED_ACTIVITY } from '../../domain/names.ts';
import { watchForWorker } from './missing-worker.ts';
import { beginWork, endWork } from './watch.ts';

/**
 * Loaded into every workflow by its path, see `worker/workflow-bundle.ts`: whatever a workflow waits for is watched.
 * Promises pass unchanged, so the order of a workflow's commands stays the same.
 */
export const interceptors = (): WorkflowInterceptors => ({
  outbound: [
    {
      scheduleActivity(input, next) {
        const { activityType, options, seq } = input;
        const result = next(input);
        if (activityType === UNWATCHED_ACTIVITY) return result;
        const id = options.activityId ?? String(seq);
        beginWork(id, activityType);
        const { taskQueue = '' } = options;
        const stop = isTrainingTaskQueue(taskQueue) ? watchForWorker(taskQueue, activityType) : undefined;
        const end = (): void => {
          stop?.();
          endWork(id);
        };
        result.then(end, end);
        return result;
      },
      startChildWorkflowExecution(input, next) {
        const { workflowId } = input.options;
        const end = (): void => {
          endWork(workflowId);
        };
        beginWork(workflowId, input.workflowType);
        const child = next(input);
        child.then(([, completed]) => completed).then(end, end);
        return child;
      },
    },
  ],
});
