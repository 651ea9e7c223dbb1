import { decodePendingActivityState, type Client } from '@temporalio/client';
import type { WorkerSearch } from '../../activities/run/find-worker.ts';
import { roleOfQueue, TASKS_OF } from '../../domain/roles.ts';
import { STEPS } from '../../domain/run/steps.ts';
import { isStillPolling, lastPoll } from './pollers.ts';

const TRAININGS: readonly string[] = STEPS.train.activities;

/** @param trainsHere whether this worker takes trainings; while it is busy with one, its polls are not seen */
export function createWorkerSearch(client: Client, trainsHere: () => boolean): WorkerSearch {
  async function hasPoller(taskQueue: string): Promise<boolean> {
    const kinds = TASKS_OF[roleOfQueue(taskQueue, 'activity')];
    const polls = await Promise.all(kinds.map((kind) => lastPoll(client, taskQueue, kind)));
    return polls.every((poll) => isStillPolling(poll, new Date().toISOString()));
  }

  return {
    async findTurn({ workflowId, runId }, taskQueue) {
      // A worker takes so many of them at once that it polls also while it works.
      if (roleOfQueue(taskQueue, 'activity') !== 'training') {
        return (await hasPoller(taskQueue)) ? 'begun' : 'missing';
      }
      const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
      const trainings = (raw.pendingActivities ?? []).filter(({ activityType }) =>
        TRAININGS.includes(activityType?.name ?? ''),
      );
      // Trainings that wait for their next attempt have a failure, which says more.
      const isWaiting = trainings.some(({ lastFailure }) => !lastFailure);
      const isStarted = trainings.some(({ state }) => decodePendingActivityState(state) !== 'SCHEDULED');
      if (!isWaiting || isStarted) return 'begun';
      if (trainsHere()) return 'waiting';
      return (await hasPoller(taskQueue)) ? 'waiting' : 'missing';
    },
  };
}
