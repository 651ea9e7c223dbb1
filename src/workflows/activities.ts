import {
  ActivityCancellationType,
  proxyActivities,
  workflowInfo,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { Activities, TrainingActivities } from '../activities/index.ts';
import { NON_RETRYABLE } from '../domain/errors.ts';
import { trainingTaskQueue } from '../domain/names.ts';
import { splitTimes, type Timed } from '../domain/run/call-times.ts';
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

/** Makes a call whose result says when it ran. @returns the result alone */
export type Watch = <T>(call: () => Promise<Timed<T>>) => Promise<T>;

const unwatched: Watch = async (call) => splitTimes(await call()).result;

/** Activities whose events carry `summary` in the UI. */
export function activities(summary: string, watch: Watch = unwatched): ListedActivities {
  return watched(proxyActivities<ListedActivities>({ ...POLICY, summary }), watch);
}

/** Reads only, so a stream that goes on without its answer need not wait for its end. */
export function polling(summary: string) {
  const cancellationType = ActivityCancellationType.TRY_CANCEL;
  return watched(
    proxyActivities<Pick<ListedActivities, 'listOffsets'>>({ ...POLICY, cancellationType, summary }),
    unwatched,
  );
}

/** A forest may take hours; its heartbeat tells a long training from a dead one. */
export function training(summary: string, watch: Watch = unwatched): ListedTrainingActivities {
  return watched(
    proxyActivities<ListedTrainingActivities>({
      ...POLICY,
      taskQueue: trainingTaskQueue(workflowInfo().taskQueue),
      startToCloseTimeout: '12 hours',
      summary,
    }),
    watch,
  );
}

/** The receiver may be down; a notification is given up after a while. */
export function notifications(summary: string) {
  return proxyActivities<Pick<ListedActivities, 'notify'>>({
    ...POLICY,
    scheduleToCloseTimeout: '10 minutes',
    startToCloseTimeout: '30 seconds',
    summary,
  });
}

type Call = (...args: readonly unknown[]) => Promise<Timed<unknown>>;

function watched<A extends object>(proxy: A, watch: Watch): A {
  return new Proxy(proxy, {
    get: (target, name) => {
      const call = Reflect.get(target, name) as Call;
      return (...args: readonly unknown[]) => watch(() => call(...args));
    },
  });
}
