import { decodePendingActivityState, type Client } from '@temporalio/client';
import type { TrainingWorkers } from '../../activities/training/find-training-worker.ts';
import { STEPS } from '../../domain/run/steps.ts';
import { isStillPolling, lastPoll } from './pollers.ts';

const TRAININGS: readonly string[] = STEPS.train.activities;

/** @param trainsHere whether this worker takes trainings; while it is busy with one, its polls are not seen */
export function createTrainingWorkers(client: Client, trainsHere: () => boolean): TrainingWorkers {
  return {
    async findTurn({ workflowId, runId }, taskQueue) {
      const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
      const trainings = (raw.pendingActivities ?? []).filter(({ activityType }) =>
        TRAININGS.includes(activityType?.name ?? ''),
      );
      // Trainings that wait for their next attempt have a failure, which says more.
      const isWaiting = trainings.some(({ lastFailure }) => !lastFailure);
      const isStarted = trainings.some(({ state }) => decodePendingActivityState(state) !== 'SCHEDULED');
      if (!isWaiting || isStarted) return 'begun';
      if (trainsHere()) return 'waiting';
      const polledAt = await lastPoll(client, taskQueue, 'activity');
      return isStillPolling(polledAt, new Date().toISOString()) ? 'waiting' : 'missing';
    },
  };
}
