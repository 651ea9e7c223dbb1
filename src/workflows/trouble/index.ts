import { workflowInfo, type WorkflowInterceptors } from '@temporalio/workflow';
import { UNWATCHED_ACTIVITY, workflowType } from '../../domain/names.ts';
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
        const { taskQueue: own, workflowType: type } = workflowInfo();
        // A stream watches for all of its micro-batches.
        const isWatched = type !== workflowType.scoreMicroBatch;
        const stop = isWatched ? watchForWorker(options.taskQueue ?? own, id, activityType) : undefined;
        const end = (): void => {
          stop?.();
          endWork(id);
        };
        result.then(end, end);
        return result;
      },
      startChildWorkflowExecution(input, next) {
        const { workflowType: type } = input;
        const { workflowId, taskQueue: queue = workflowInfo().taskQueue } = input.options;
        beginWork(workflowId, type);
        const stop =
          type === workflowType.scoreMicroBatch ? watchForWorker(queue, workflowId, type) : undefined;
        const end = (): void => {
          stop?.();
          endWork(workflowId);
        };
        const child = next(input);
        child.then(([, completed]) => completed).then(end, end);
        return child;
      },
    },
  ],
});
