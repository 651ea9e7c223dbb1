import { condition, workflowInfo } from '@temporalio/workflow';
import type { StreamLedger } from '../../domain/stream/stream-ledger.ts';
import { activities } from '../activities.ts';
import type { WorkflowContext } from '../context.ts';
import { positionLabel, rows } from '../labels.ts';
import type { StreamTally } from './scoring.ts';
import type { MicroBatchWindow } from './window.ts';

interface Settings {
  readonly topic: string;
  readonly epoch: number;
  /** See `ContinuousResume`. */
  readonly continues: string | undefined;
  readonly lanes: number;
  readonly renewEveryMs: number;
  readonly ledger: StreamLedger;
  readonly tally: StreamTally;
  readonly window: MicroBatchWindow;
  readonly context: WorkflowContext;
}

interface Kind {
  readonly isRenewal?: boolean;
  readonly isFinal?: boolean;
  /** The run that hands its lanes over. */
  readonly continued?: string;
}

/** A commit costs a transaction, and this much lag in Kafka's tools is none. */
const COMMIT_PAUSE_MS = 1_000;

/**
 * Commits the position while batches run: for Kafka's own tools, soon after it has moved; and in time before the broker
 * forgets it, also while the stream is idle, paused or waits for an operator.
 */
export function createCommit({ topic, epoch, continues, lanes, renewEveryMs, ...stream }: Settings) {
  const { ledger, tally, window, context } = stream;
  let committed = positionText();
  let isOver = false;
  let last = Promise.resolve();

  function positionText(): string {
    return JSON.stringify(ledger.watermark());
  }

  async function commit({ isRenewal = false, isFinal = false, continued }: Kind): Promise<void> {
    const { watermark, finished } = ledger.known();
    const { predicted } = tally.totals();
    const text = positionText();
    if (committed === text && !isRenewal && !isFinal) return;
    await activities(`${rows(predicted)} predicted, up to ${positionLabel(watermark)}`).commitProgress({
      stream: workflowInfo().workflowId,
      topic,
      epoch,
      run: workflowInfo().runId,
      ...(continued !== undefined && { continues: continued }),
      nextBatch: ledger.nextBatch(),
      watermark,
      finished,
      lanes,
      isRenewal,
      isFinal,
      finishedBatches: ledger.finishedBatches(),
    });
    committed = text;
    context.setAttributes({ RowsScored: predicted });
  }

  /** One at a time: two would fence each other. */
  function next(kind: Kind): Promise<void> {
    const done = last.then(() => commit(kind));
    last = done.catch(() => undefined);
    return done;
  }

  const hasEnded = (): boolean => isOver;

  async function renew(): Promise<void> {
    while (!(await condition(hasEnded, renewEveryMs))) await next({ isRenewal: true });
  }

  async function follow(): Promise<void> {
    while (!hasEnded()) {
      await condition(() => hasEnded() || committed !== positionText());
      // What finishes meanwhile is committed too.
      if (!hasEnded() && !(await condition(hasEnded, COMMIT_PAUSE_MS))) await next({});
    }
  }

  const loops = [renew(), follow()].map((loop) =>
    loop.catch((error: unknown) => {
      window.end(error);
    }),
  );
  return {
    /** Signs the lanes when the stream has continued as new: a reset of either run can then write nothing. */
    async takeOver(): Promise<void> {
      if (continues !== undefined) await next({ isRenewal: true, continued: continues });
    },
    /** @param isFinal whether no batch can still commit */
    async end(isFinal: boolean): Promise<void> {
      isOver = true;
      await Promise.all(loops);
      await next({ isFinal });
    },
  };
}
