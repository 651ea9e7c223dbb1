import { CancellationScope } from '@temporalio/workflow';
import type { ContinuousInput } from '../../domain/stream/stream-input.ts';
import type { StreamLedger } from '../../domain/stream/stream-ledger.ts';
import type { createCommit } from './commit.ts';
import type { StreamPlanner } from './planner.ts';
import { batchesFailed, repairDeadlineMs } from './repair.ts';
import type { StreamScoring } from './scoring.ts';
import type { ContinuousTally } from './tally.ts';

/**
 * So many failures have a cause outside the records: further batches would fail too. It also bounds the finished ranges
 * beyond the watermark, which a marker of 4 kB must hold.
 */
export const MAX_FAILED = 50;

export interface ContinuousStream extends StreamScoring {
  readonly settings: ContinuousInput;
  readonly ledger: StreamLedger;
  readonly tally: ContinuousTally;
  readonly planner: StreamPlanner;
  readonly position: ReturnType<typeof createCommit>;
}

export function hasGivenUp({ settings, window }: ContinuousStream): boolean {
  return settings.stream.onBatchFailure === 'fail' && window.failed().length > 0;
}

export function isEnding(stream: ContinuousStream): boolean {
  return stream.window.isStopping() || hasGivenUp(stream) || stream.window.isFull();
}

/**
 * Waits until `isTrue()`, the stream is ending, or the time is over.
 *
 * @throws MicroBatchesFailed when no operator has repaired a failed batch in time
 */
async function wait(stream: ContinuousStream, isTrue: () => boolean, untilMs = Infinity): Promise<void> {
  const { settings, window, ledger, position } = stream;
  const dueMs = Math.min(untilMs, repairDeadlineMs(window, settings.stream));
  const timeoutMs = dueMs === Infinity ? undefined : dueMs - Date.now();
  if (timeoutMs === undefined || timeoutMs > 0) {
    await window.until(() => isTrue() || isEnding(stream), timeoutMs);
  }
  if (Date.now() < repairDeadlineMs(window, settings.stream)) return;
  window.drain();
  await window.until(window.isIdle);
  await position.end(false);
  throw batchesFailed(window.failed(), ledger.nextBatch());
}

/** Runs until the stream is stopped, gives up, has filled its history, or `available-now` has planned everything. */
export async function scoreNewRecords(stream: ContinuousStream): Promise<void> {
  const { settings, window, planner, show } = stream;
  const { inFlight } = settings.stream;
  // A batch waits for each lane, so that planning never makes a lane wait.
  const mayPlan = (): boolean => window.waiting() < inFlight && window.failed().length < MAX_FAILED;

  window.add(planner.planBacklog());
  do {
    await wait(stream, mayPlan, Date.now() + planner.maxAgeMs);
    if (isEnding(stream)) return;
    const nextMs = Date.now() + planner.pauseMs;
    await poll(stream);
    if (mayPlan() && !isEnding(stream)) window.add(planner.plan());
    show();
    await wait(stream, () => false, nextMs);
  } while (!isEnding(stream) && !planner.hasPlannedAll());
}

/** Polls the topic. A stream that is ending goes on without the answer. @throws what `window.until` throws */
async function poll(stream: ContinuousStream): Promise<void> {
  const { planner, window } = stream;
  const scope = new CancellationScope();
  let isOver = false;
  const polled = scope
    .run(() => planner.poll())
    .then(
      () => {
        isOver = true;
      },
      (error: unknown) => {
        if (!isOver) window.end(error);
      },
    );
  try {
    await window.until(() => isOver || isEnding(stream));
  } finally {
    isOver = true;
    scope.cancel();
    await polled;
  }
}
