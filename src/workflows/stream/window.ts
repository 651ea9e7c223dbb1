import { ChildWorkflowFailure } from '@temporalio/common';
import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { ScoreMicroBatchResult } from '../../domain/run/step-results.ts';
import type { FailedBatch, LanedBatch } from '../../domain/stream/batch.ts';
import { createBatchQueue, type QueuedBatch } from '../../domain/stream/batch-queue.ts';
import type { WindowResume } from '../../domain/stream/workflow-inputs.ts';
import { rootCause } from '../failure.ts';

interface Settings {
  readonly inFlight: number;
  /** With so many failed batches, only retries start. */
  readonly maxFailed?: number;
  /** From before the stream continued as new. */
  readonly resumed?: WindowResume | undefined;
  /** Runs the child. */
  readonly score: (batch: LanedBatch, failedInLane: readonly number[]) => Promise<ScoreMicroBatchResult>;
  readonly onDone: (batch: LanedBatch, result: ScoreMicroBatchResult, seconds: number) => void;
  /** Called when an operator skips failed batches. */
  readonly onSkip: (batches: readonly FailedBatch[]) => void;
  /** Whether a failure ends the stream at once. @param reason type and message of the root cause */
  readonly isFatal?: (reason: string) => boolean;
}

/** Histories stay below this many events and bytes, drained batches included. */
const MAX_HISTORY_EVENTS = 4_096;
const MAX_HISTORY_BYTES = 4 * 1024 * 1024;
/** What a batch in flight may still add: its start and end with a workflow task each. */
const EVENTS_PER_BATCH = 8;
const BYTES_PER_BATCH = 4_096;
/** The last events, and signals and updates that arrive meanwhile. */
const SPARE_EVENTS = 96;
const SPARE_BYTES = 256 * 1024;

export type MicroBatchWindow = ReturnType<typeof createMicroBatchWindow>;

/**
 * A sliding window of micro-batches: `inFlight` children at most, one in each lane. A failed child is set aside and
 * does not stop the others.
 */
export function createMicroBatchWindow(settings: Settings) {
  const { inFlight, maxFailed, resumed, score, onDone, onSkip, isFatal } = settings;
  const queue = createBatchQueue(inFlight, resumed, maxFailed);
  const stream = CancellationScope.current();
  const listeners: (() => void)[] = [];
  let isPaused = resumed?.isPaused ?? false;
  let isDraining = false;
  let isStopping = false;
  let fatal: { readonly error: unknown } | undefined;

  function changed(): void {
    for (const listener of listeners) listener();
  }

  function isFull(): boolean {
    return historyIsFull(inFlight);
  }

  function isIdle(): boolean {
    return queue.running() === 0 && (!queue.canStart() || isDraining || isFull());
  }

  async function run(batch: LanedBatch): Promise<void> {
    const startedAtMs = Date.now();
    try {
      const result = await score(batch, queue.failedIn(batch.lane));
      onDone(batch, result, (Date.now() - startedAtMs) / 1_000);
      queue.finish(batch);
    } catch (error) {
      const reason = rootCause(error);
      // An operator may cancel or terminate one batch; the stream's own cancellation ends the stream.
      const isOwn = error instanceof ChildWorkflowFailure && !stream.consideredCancelled;
      if (isOwn && !isFatal?.(reason)) {
        queue.fail(batch, reason, Date.now());
      } else {
        queue.finish(batch);
        fatal ??= { error };
      }
    }
  }

  function startBatches(): void {
    if (isPaused || isDraining || fatal || isFull()) return;
    for (let batch = queue.start(); batch; batch = queue.start()) {
      void run(batch).then(() => {
        startBatches();
        changed();
      });
    }
  }

  function pause(): void {
    isPaused = true;
    changed();
  }

  function resume(): void {
    isPaused = false;
    startBatches();
    changed();
  }

  function drain(): void {
    isDraining = true;
    changed();
  }

  /** Ends the stream with a failure, when the batches in flight have ended. */
  function end(error: unknown): void {
    fatal ??= { error };
    changed();
  }

  function stop(): void {
    isStopping = true;
    drain();
  }

  /**
   * Waits while batches run. Rethrows a cancellation only when every child has ended, because their transactions are
   * closed then.
   *
   * @returns false when the time is over
   */
  async function until(isTrue: () => boolean, timeoutMs?: number): Promise<boolean> {
    const isReached = (): boolean => fatal !== undefined || isTrue();
    try {
      // `condition` would start a timer first.
      if (fatal === undefined && isTrue()) return true;
      const reached =
        timeoutMs === undefined
          ? await condition(isReached).then(() => true)
          : await condition(isReached, Math.max(1, timeoutMs));
      if (fatal) throw fatal.error;
      return reached;
    } catch (error) {
      isDraining = true;
      await CancellationScope.nonCancellable(() => condition(() => queue.running() === 0));
      throw error;
    }
  }

  return {
    isIdle,
    /** The history has no room for more batches. */
    isFull,
    isPaused: (): boolean => isPaused,
    /** Told to stop by an operator. */
    isStopping: (): boolean => isStopping,
    failed: (): readonly FailedBatch[] => queue.failed(),
    /** Batches that have not been started, or not again. */
    waiting: (): number => queue.waiting(),
    /** Batches that are neither done nor skipped. */
    unfinished: (): number => queue.size(),
    /** What the next run needs, see `resumed`; the caller plans the `unstarted` batches again. */
    toResume: (): WindowResume & { readonly unstarted: readonly QueuedBatch[] } => ({
      ...queue.toState(),
      isPaused,
    }),

    /** The listener is called after a batch has ended, and after each action of an operator. */
    onChange(listener: () => void): void {
      listeners.push(listener);
    },
    add(batches: readonly QueuedBatch[]): void {
      queue.add(batches);
      startBatches();
    },
    retry(batches: readonly number[]): void {
      queue.retry(batches);
      startBatches();
      changed();
    },
    skip(batches: readonly number[]): void {
      onSkip(queue.skip(batches));
      changed();
    },
    pause,
    resume,
    stop,
    /** Stops starting batches. */
    drain,
    end,
    until,
  };
}

function historyIsFull(inFlight: number): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  return (
    continueAsNewSuggested ||
    historyLength > MAX_HISTORY_EVENTS - EVENTS_PER_BATCH * inFlight - SPARE_EVENTS ||
    historySize > MAX_HISTORY_BYTES - BYTES_PER_BATCH * inFlight - SPARE_BYTES
  );
}
