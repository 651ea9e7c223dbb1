import {
  ActivityCancellationType,
  proxyActivities,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities, TrainingActivities } from '../activities/index.ts';
import { NON_RETRYABLE } from '../domain/errors.ts';
import { trainingTaskQueue } from '../domain/names.ts';
import type { ListedActivity } from '../domain/run/steps.ts';

/** A type error here names an activity that is missing in the table of `domain/run/steps.ts`. */
type Listed<All extends { readonly [Name in keyof All]: Name extends ListedActivity ? unknown : never }> =
  All;
type ListedActivities = Listed<Activities>;
type ListedTrainingActivities = Listed<TrainingActivities>;

/**
 * The one table of timeouts and retries. Attempts are unlimited within a day, so an outage costs only its own time. A
 * failure that another attempt cannot fix is final at once.
 */
const POLICY: ActivityOptions = {
  scheduleToCloseTimeout: '24 hours',
  startToCloseTimeout: '15 minutes',
  /** A dead worker is noticed after this time; activities send a heartbeat every two seconds. */
  heartbeatTimeout: '10 seconds',
  /** A cancelled run ends when its transactions are aborted and its files are complete or removed. */
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '1 minute',
    nonRetryableErrorTypes: [...NON_RETRYABLE],
  },
};

/** Activities whose events carry `summary` in the UI. */
export function activities(summary: string) {
  return proxyActivities<ListedActivities>({ ...POLICY, summary });
}

/** A forest may take hours; its heartbeat tells a long training from a dead one. */
export function training(summary: string) {
  return proxyActivities<ListedTrainingActivities>({
    ...POLICY,
    taskQueue: trainingTaskQueue(workflowInfo().taskQueue),
    startToCloseTimeout: '12 hours',
    summary,
  });
}

/** The receiver may be down; a notification is given up after a while. */
export function notifications(summary: string) {
  return proxyActivities<ListedActivities>({
    ...POLICY,
    scheduleToCloseTimeout: '10 minutes',
    startToCloseTimeout: '30 seconds',
    summary,
  });
}
