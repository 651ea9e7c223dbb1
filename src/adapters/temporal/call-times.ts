import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { CallTimes } from '../../domain/run/call-times.ts';

/**
 * Adds to an activity's result, or to the details of its failure, when it ran. Server times mark the attempts and a clock
 * that never jumps measures the last one, so clocks of workers that disagree do no harm.
 */
export const tellTimes: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    async execute(input, next) {
      const startedAt = performance.now();
      const took = (): CallTimes => ({
        from: toIso(info.scheduledTimestampMs),
        to: toIso(info.currentAttemptScheduledTimestampMs + performance.now() - startedAt),
      });
      try {
        const result = await next(input);
        return info.isLocal || !isRecord(result) ? result : { ...result, took: took() };
      } catch (error) {
        if (error instanceof ApplicationFailure) error.details?.push(took());
        throw error;
      }
    },
  },
});

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toIso(ms: number): string {
  return new Date(ms).toISOString();
}
