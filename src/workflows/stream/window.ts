import { ChildWorkflowFailure } from '@temporalio/common';
import { CancellationScope, condition, isCancellation, workflowInfo } from '@temporalio/workflow';
import type { OffsetRange } from '../../domain/log/offsets.ts';
import type { ScoreResult } from '../../domain/run/step-results.ts';
import type { StreamOptions } from '../../domain/stream/stream-options.ts';
import type { FailedBatch, PendingBatch, PlannedBatch } from '../../domain/stream/workflow-inputs.ts';
import { rootCause } from '../failure.ts';

export interface LanedBatch extends PlannedBatch {
  readonly lane: number;
}

interface Settings {
  readonly stream: Pick<StreamOptions, 'inFlight' | 'onBatchFailure' | 'repairTimeoutHours'>;
  /** Runs the child. */
  readonly score: (batch: LanedBatch) => Promise<ScoreResult>;
  readonly onDone: (batch: LanedBatch, result: ScoreResult, seconds: number) => void;
  /** After every batch that has ended, in whatever way. */
  readonly onChange: () => void;
  /** A failure that ends the stream at once. @param reason type and message of the root cause */
  readonly isFatal?: (reason: string) => boolean;
  /** From before it continued as new. */
  readonly resumed?: { readonly failed: readonly FailedBatch[]; readonly isPaused?: boolean } | undefined;
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
 * stops no other.
 */
export function createMicroBatchWindow(settings: Settings) {
  const { stream, score, onDone, onChange, isFatal, resumed } = settings;
  const { inFlight } = stream;
  const pending: PendingBatch[] = [];
  const running = new Map<number, LanedBatch>();
  const failed = new Map((resumed?.failed ?? []).map((batch) => [batch.batch, batch]));
  let isPaused = resumed?.isPaused ?? false;
  let isDraining = false;
  let fatal: { readonly error: unknown } | undefined;

  function pump(): void {
    if (isPaused || isDraining || fatal || historyIsFull(inFlight)) return;
    for (let i = 0; i < pending.length && running.size < inFlight;) {
      const { lane = freeLane(), isRetry: _isRetry, ...batch } = pending[i] as PendingBatch;
      if (running.has(lane)) i += 1;
      else {
        pending.splice(i, 1);
        running.set(lane, { ...batch, lane });
        void run({ ...batch, lane });
      }
    }
  }

  function freeLane(): number {
    let lane = 0;
    while (running.has(lane)) lane += 1;
    return lane;
  }

  async function run(batch: LanedBatch): Promise<void> {
    const startedAtMs = Date.now();
    try {
      onDone(batch, await score(batch), (Date.now() - startedAtMs) / 1_000);
    } catch (error) {
      const reason = rootCause(error);
      if (!(error instanceof ChildWorkflowFailure) || isCancellation(error) || isFatal?.(reason)) {
        fatal ??= { error };
      } else failed.set(batch.batch, { ...batch, reason, failedAtMs: Date.now() });
    }
    running.delete(batch.lane);
    pump();
    onChange();
  }

  function isIdle(): boolean {
    return running.size === 0 && (pending.length === 0 || isDraining || historyIsFull(inFlight));
  }

  /** When the first failed batch has waited for an operator for too long. */
  function repairDeadlineMs(): number {
    const times = [...failed.values()].map(({ failedAtMs }) => failedAtMs ?? Date.now());
    return Math.min(...times) + stream.repairTimeoutHours * 3_600_000;
  }

  /**
   * Waits, while the window works. A cancellation is passed on when every child has ended: what they had open is
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
      await CancellationScope.nonCancellable(() => condition(() => running.size === 0));
      throw error;
    }
  }

  return {
    pending,
    running,
    failed,
    isIdle,
    until,
    repairDeadlineMs,
    isPaused: () => isPaused,
    isDraining: () => isDraining,
    /** Ranges that are planned and not done. */
    unfinished: (): OffsetRange[] =>
      [...pending, ...running.values(), ...failed.values()].flatMap(({ ranges }) => ranges ?? []),

    add(...batches: readonly PendingBatch[]): void {
      pending.push(...batches);
      pump();
    },
    /** Failed batches, each in its own lane again. */
    retry(batches: readonly number[]): void {
      const again = batches.flatMap((batch) => failed.get(batch) ?? []);
      for (const { batch } of again) failed.delete(batch);
      pending.unshift(
        ...again.map(({ batch, ranges = [], lane }) => ({ batch, ranges, lane, isRetry: true as const })),
      );
      pump();
      onChange();
    },
    /** Gives failed batches up. */
    skip(batches: readonly number[]): FailedBatch[] {
      const given = batches.flatMap((batch) => failed.get(batch) ?? []);
      for (const { batch } of given) failed.delete(batch);
      onChange();
      return given;
    },
    pause(): void {
      isPaused = true;
      onChange();
    },
    resume(): void {
      isPaused = false;
      pump();
      onChange();
    },
    /** Starts nothing more. */
    drain(): void {
      isDraining = true;
      onChange();
    },
    /**
     * Until everything is done, or given up by the operator, or nothing more can be started here.
     * @returns false when failed batches are left and nobody repairs them, or nobody is asked to
     */
    async settle(): Promise<boolean> {
      for (;;) {
        await until(isIdle);
        if (failed.size === 0 || pending.length > 0) return true;
        if (stream.onBatchFailure === 'fail') return false;
        const isRepaired = (): boolean => failed.size === 0 || !isIdle();
        if (!(await until(isRepaired, repairDeadlineMs() - Date.now()))) return false;
      }
    },
  };
}

export function historyIsFull(inFlight: number): boolean {
  const { continueAsNewSuggested, historyLength, historySize } = workflowInfo();
  return (
    continueAsNewSuggested ||
    historyLength > MAX_HISTORY_EVENTS - EVENTS_PER_BATCH * inFlight - SPARE_EVENTS ||
    historySize > MAX_HISTORY_BYTES - BYTES_PER_BATCH * inFlight - SPARE_BYTES
  );
}
