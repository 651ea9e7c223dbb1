import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { UNWATCHED_ACTIVITY } from '../../../domain/names.ts';
import type { Measure } from '../../../domain/metrics.ts';

/** Measures the results of one activity. */
type MeasureResult = (measure: Measure, result: never, ...args: never[]) => void;

/** @param measures by the name of the activity */
export function measureActivities(
  measure: Measure,
  measures: Readonly<Partial<Record<string, MeasureResult>>>,
): ActivityInterceptorsFactory {
  return ({ info: { activityType: activity }, cancellationSignal }) => ({
    inbound: {
      async execute(input, next) {
        try {
          const result = await next(input);
          measures[activity]?.(measure, result as never, ...(input.args as never[]));
          return result;
        } catch (error) {
          // An attempt that was cancelled has not failed.
          if (!cancellationSignal.aborted) {
            const failure = (error instanceof ApplicationFailure ? error.type : null) ?? 'Error';
            measure('imdb_failed_attempts_total', 1, { activity, failure });
            if (activity === UNWATCHED_ACTIVITY)
              measure('imdb_notifications_total', 1, { outcome: 'failed' });
          }
          throw error;
        }
      },
    },
  });
}
