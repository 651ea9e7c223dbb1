import type { Info } from '@temporalio/activity';
import { msToNumber } from '@temporalio/common/lib/time.js';

/** Times are milliseconds, or texts as `1 minute`. */
interface Policy {
  readonly initialInterval?: unknown;
  readonly backoffCoefficient?: number;
  readonly maximumInterval?: unknown;
  readonly maximumAttempts?: number;
  readonly nonRetryableErrorTypes?: readonly string[];
}

interface Failure {
  readonly type?: string | null | undefined;
  readonly nonRetryable?: boolean | null | undefined;
  /** Instead of the policy's. */
  readonly nextRetryDelay?: unknown;
}

/**
 * When Temporal makes the next attempt of an activity that fails now; undefined when it makes none. The policy comes
 * with the activity, so it is written down in `workflows/activities.ts` alone.
 */
export function nextAttemptMs(
  { attempt, retryPolicy, scheduledTimestampMs, scheduleToCloseTimeoutMs }: Info,
  { type, nonRetryable, nextRetryDelay }: Failure,
  nowMs: number,
): number | undefined {
  const policy: Policy = retryPolicy ?? {};
  const { backoffCoefficient = 2, maximumAttempts = 0, nonRetryableErrorTypes = [] } = policy;
  const isLast = maximumAttempts > 0 && attempt >= maximumAttempts;
  if (nonRetryable || isLast || nonRetryableErrorTypes.includes(type ?? '')) return undefined;
  const first = toMs(policy.initialInterval) ?? 1_000;
  const longest = toMs(policy.maximumInterval) ?? 100 * first;
  const delayMs = toMs(nextRetryDelay) ?? Math.min(first * backoffCoefficient ** (attempt - 1), longest);
  const endMs = scheduleToCloseTimeoutMs === 0 ? Infinity : scheduledTimestampMs + scheduleToCloseTimeoutMs;
  return nowMs + delayMs < endMs ? nowMs + delayMs : undefined;
}

/** A missing time of the protocol is 0. */
function toMs(time: unknown): number | undefined {
  const ms = time === undefined || time === null ? 0 : msToNumber(time);
  return ms === 0 ? undefined : ms;
}
