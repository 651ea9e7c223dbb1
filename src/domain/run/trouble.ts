import { clockText, oneLine } from '../text.ts';
import type { Role } from '../roles.ts';
import { adviceOn } from './advice.ts';
import type { PipelineState } from './search-attributes.ts';
import type { PipelineStep } from './steps.ts';

/** Work that fails for longer than this is trouble: its run and its parents need attention. */
export const TROUBLE_AFTER_MS = 30_000;

/** What a worker tells the workflow whose activity it is. */
export interface FailedAttempt {
  readonly activity: string;
  /** Of the failure; see `advice.ts`. */
  readonly type: string;
  readonly message: string;
  /** The one that failed; 0: none has been made. */
  readonly attempt: number;
  /** When the work was scheduled first, ISO 8601. */
  readonly since: string;
  /** ISO 8601; null: it is under way, or the time is not known. */
  readonly nextAttemptAt: string | null;
}

/** Work that is retried without success. */
export interface Trouble extends FailedAttempt {
  /** Of a run. */
  readonly step?: PipelineStep;
  /** `batch 3`, of a micro-batch. */
  readonly place?: string;
}

/** Which work fails, since when, why, when it is tried again, and what to do. */
export function describeTrouble({ activity, step, place, ...trouble }: Trouble): string {
  const { type, message, attempt, since, nextAttemptAt } = trouble;
  const name = nameOfWork(activity, step, place);
  const next = nextAttemptAt === null ? '' : retryText(nextAttemptAt);
  const tried = attempt === 0 ? ['no attempt yet'] : [`attempt ${attempt} failed`, ...(next ? [next] : [])];
  return withAdvice(
    `${name} has not succeeded since ${clockText(since)}: ${tried.join(', ')}, ` +
      lastErrorText(`${type}: ${oneLine(message)}`),
    type,
  );
}

/** Between what has happened and what to do. */
export const ADVICE_MARK = 'What to do: ';

/** Adds what to do after such a failure. */
export function withAdvice(text: string, failureType: string): string {
  return `${text}. ${ADVICE_MARK}${adviceOn(failureType).whatToDo}`;
}

/** `score stream, batch 3 (publishPredictions)` */
export function nameOfWork(activity: string, step?: PipelineStep | null, place?: string): string {
  const names = [step, place].filter(Boolean).join(', ');
  return names === '' ? activity : `${names} (${activity})`;
}

export function retryText(nextAttemptAt: string): string {
  return `next retry at ${clockText(nextAttemptAt)}`;
}

export function lastErrorText(error: string): string {
  return `last error: ${error}`;
}

/** What the SDK leaves of the failure of the last attempt before the time for all attempts was over. */
interface LastFailure {
  readonly message?: string | null | undefined;
  readonly applicationFailureInfo?: { readonly type?: string | null | undefined } | null | undefined;
}

export function timeoutText(message: string, last: LastFailure | null | undefined): string {
  if (!last) return message;
  return `${message}; the last attempt failed with ${last.applicationFailureInfo?.type ?? 'Error'}: ${last.message}`;
}

/** @param seen when it was seen last */
export function noWorkerText(queue: { readonly taskQueue: string; readonly role: Role }, seen = ''): string {
  const { taskQueue, role } = queue;
  // A worker takes one training at a time, so a busy one looks as if it were away.
  const busy = role === 'training' ? ', or each is busy with another training' : '';
  return `no worker answers on task queue "${taskQueue}" for role ${role}${seen}${busy}`;
}

/** What a run or a stream is doing, apart from its end. */
export interface Situation {
  /** A question that only an operator can answer: approval, or failed micro-batches. */
  readonly isAsking: boolean;
  readonly isPaused: boolean;
  /** Work is retried without success. */
  readonly isTroubled: boolean;
}

/** An operator's own decision says more than work that continues by itself. */
export function stateOf({ isAsking, isPaused, isTroubled }: Situation): PipelineState {
  if (isAsking) return 'NeedsAttention';
  if (isPaused) return 'Paused';
  return isTroubled ? 'NeedsAttention' : 'Running';
}
