import {
  ActivityCancellationType,
  proxyActivities,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { NON_RETRYABLE } from '../domain/errors.ts';
import { type Role, taskQueueOf } from '../domain/roles.ts';
import { splitTimes, type Timed } from '../domain/run/call-times.ts';
import { type ListedActivity, roleOfActivity } from '../domain/run/steps.ts';

/** A type error here names an activity that is missing in the table of `domain/run/steps.ts`. */
type Listed<All extends { readonly [Name in keyof All]: Name extends ListedActivity ? unknown : never }> =
  All;
type ListedActivities = Listed<Activities>;

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

/** A run that waits holds a place; afterwards, a reset logs it. */
const MLFLOW_TIME = '1 hour';

const POLICY_OF_ROLE: Readonly<Partial<Record<Role, ActivityOptions>>> = {
  /** A forest may take hours; its heartbeat tells a long training from a dead one. */
  training: { startToCloseTimeout: '12 hours' },
};

/** Makes a call whose result says when it ran. @returns the result alone */
export type Watch = <T>(call: () => Promise<Timed<T>>) => Promise<T>;

const unwatched: Watch = (call) => call().then((timed) => splitTimes(timed).result);

/** Activities whose events carry `summary` in the UI. */
export function activities(summary: string, watch: Watch = unwatched): ListedActivities {
  return calls({ summary }, watch);
}

/** Reads only, so a stream that goes on without its answer need not wait for its end. */
export function polling(summary: string): Pick<ListedActivities, 'listOffsets'> {
  const cancellationType = ActivityCancellationType.TRY_CANCEL;
  return calls({ cancellationType, summary });
}

/** A workflow that ends waits so long at most. */
export function posting(summary: string): Pick<ListedActivities, 'notify'> {
  return calls({
    scheduleToCloseTimeout: '10 minutes',
    startToCloseTimeout: '30 seconds',
    summary,
  });
}

/** Before the report, which can do without its answer. The step `log to mlflow` tries again, and says what is wrong. */
export function openingInMlflow(summary: string): Pick<ListedActivities, 'openMlflowRun'> {
  return calls({ startToCloseTimeout: '30 seconds', retry: { maximumAttempts: 1 }, summary });
}

/** The server may be away: the run ends without it after this time. */
export function loggingToMlflow(summary: string, watch: Watch): Pick<ListedActivities, 'logToMlflow'> {
  return calls({ scheduleToCloseTimeout: MLFLOW_TIME, summary }, watch);
}

/** Called again as long as there is something to follow. */
export function followingInMlflow(summary: string): Pick<ListedActivities, 'followInMlflow'> {
  return calls({ scheduleToCloseTimeout: MLFLOW_TIME, summary });
}

/** It reads the histories of all runs that are kept. */
export function collecting(summary: string): Pick<ListedActivities, 'collectArtifacts'> {
  return calls({ startToCloseTimeout: '2 hours', summary });
}

type Call = (...args: readonly unknown[]) => Promise<Timed<unknown>>;

/** Each activity goes to the task queue of its role. */
function calls(options: ActivityOptions, watch: Watch = unwatched): ListedActivities {
  return new Proxy({} as ListedActivities, {
    get: (_, name: string) => {
      const role = roleOfActivity(name) ?? 'data';
      const proxy = proxyActivities<Record<string, Call>>({
        ...POLICY,
        ...POLICY_OF_ROLE[role],
        ...options,
        taskQueue: taskQueueOf(role, workflowInfo().taskQueue),
      });
      return (...args: readonly unknown[]) => watch(() => (proxy[name] as Call)(...args));
    },
  });
}
