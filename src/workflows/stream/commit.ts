import { workflowInfo } from '@temporalio/workflow';
import type { StreamLedger } from '../../domain/stream/stream-ledger.ts';
import { activities } from '../activities.ts';
import type { WorkflowContext } from '../context.ts';
import { positionLabel, rows } from '../labels.ts';
import type { StreamTally } from './scoring.ts';

/** Committed offsets are forgotten after `offsets.retention.minutes`, a week by default. */
const COMMIT_AGAIN_MS = 3_600_000;

/** Commits the position for Kafka's own tools. The stream itself resumes from the transactions of its batches. */
export function createCommit(
  topic: string,
  ledger: StreamLedger,
  tally: StreamTally,
  context: WorkflowContext,
) {
  let committed = { watermark: '', atMs: 0 };

  return async (): Promise<void> => {
    const watermark = ledger.watermark();
    const { predicted } = tally.totals();
    const text = JSON.stringify(watermark);
    if (committed.watermark === text && Date.now() - committed.atMs < COMMIT_AGAIN_MS) return;
    await activities(`${rows(predicted)} predicted, up to ${positionLabel(watermark)}`).commitProgress({
      stream: workflowInfo().workflowId,
      topic,
      watermark,
      finishedBatches: ledger.finishedBatches(),
    });
    committed = { watermark: text, atMs: Date.now() };
    context.setAttributes({ RowsScored: predicted });
  };
}
