import { executeChild, workflowInfo } from '@temporalio/workflow';
import { beforeRanges, describeRanges } from '../../domain/log/offsets.ts';
import { microBatchWorkflowId } from '../../domain/names.ts';
import { taskQueueOf } from '../../domain/roles.ts';
import type { StreamProgress } from '../../domain/run/progress.ts';
import type { ScoreMicroBatchResult } from '../../domain/run/step-results.ts';
import type { FailedBatch, LanedBatch, StreamTotals } from '../../domain/stream/batch.ts';
import type { QueuedBatch } from '../../domain/stream/batch-queue.ts';
import { hasScoredNothing } from '../../domain/stream/nothing-scored.ts';
import { createRecentBatches } from '../../domain/stream/recent-batches.ts';
import { fromCompact, toCompact } from '../../domain/stream/stream-job.ts';
import type { ScoreMicroBatchInput, StreamResume } from '../../domain/stream/workflow-inputs.ts';
import type { WorkflowContext } from '../context.ts';
import { measure } from '../measure.ts';
import { scoreMicroBatch } from '../score-micro-batch.ts';
import { handleOperator } from './operator.ts';
import { createStreamView, isAsking, toProgress } from './view.ts';
import { createMicroBatchWindow } from './window.ts';

/** Counts what a stream has done. */
export interface StreamTally {
  /** @returns a further batch, of what this one has left of its ranges */
  readonly done: (
    batch: LanedBatch,
    result: ScoreMicroBatchResult,
    seconds: number,
  ) => QueuedBatch | undefined;
  readonly skip: (batches: readonly FailedBatch[]) => void;
  readonly totals: () => StreamTotals;
}

interface Settings {
  readonly context: WorkflowContext;
  readonly topic: string;
  readonly inFlight: number;
  readonly maxFailed?: number;
  readonly resumed: StreamResume | undefined;
  readonly tally: StreamTally;
  /** What a child needs beside its batch; called when it starts. */
  readonly shared: (
    batch: LanedBatch,
    failedInLane: readonly number[],
  ) => Pick<ScoreMicroBatchInput, 'job' | 'claim'>;
  /** `batch 3` */
  readonly label: (batch: number) => string;
  /** Runs until it is stopped: its end would tell too late that nothing can be scored. */
  readonly isEndless?: boolean;
  readonly isFatal?: (reason: string) => boolean;
  readonly details?: () => Pick<StreamProgress, 'position' | 'model'>;
}

/** A window of micro-batches that an operator can see and control. `show` updates the UI. */
export function createScoring({ context, topic, tally, shared, label, ...settings }: Settings) {
  const recent = createRecentBatches(Date.now(), settings.resumed?.recent);
  const window = createMicroBatchWindow({
    ...settings,
    score(laned, failedInLane) {
      const { batch, lane, ranges } = laned;
      return executeChild(scoreMicroBatch, {
        workflowId: microBatchWorkflowId(workflowInfo().workflowId, batch),
        // That of its activities, so that the worker that runs it gets them at once.
        taskQueue: taskQueueOf('scoring', workflowInfo().taskQueue),
        args: [{ ...shared(laned, failedInLane), batch, lane, ranges: toCompact(ranges) }],
        staticSummary: `${label(batch)}: ${describeRanges(topic, ranges)}`,
      });
    },
    onDone(done, result, seconds) {
      const further = tally.done(done, result, seconds);
      const { batch, ranges } = done;
      const { read, predicted, deadLettered, model, rest = [] } = result;
      measure('imdb_micro_batch_seconds', seconds, { topic });
      measure('imdb_predictions_total', predicted, { topic });
      measure('imdb_dead_letters_total', deadLettered, { topic });
      const place = describeRanges(topic, beforeRanges(ranges, fromCompact(rest)));
      recent.add({ batch, place, rows: read.records, seconds, ...(model && { model }) }, Date.now());
      if (further) window.add([further]);
    },
    onSkip: tally.skip,
  });
  const asks = (): boolean =>
    isAsking(window) ||
    (settings.isEndless === true &&
      window.isIdle() &&
      !window.isStopping() &&
      hasScoredNothing(tally.totals()));
  const show = createStreamView(
    context,
    () => ({
      ...toProgress({ topic, window, recent, totals: tally.totals(), isAsking: asks() }),
      ...settings.details?.(),
    }),
    asks,
  );
  window.onChange(show);
  handleOperator(window);
  return { window, show, recent: recent.toState };
}

export type StreamScoring = ReturnType<typeof createScoring>;
