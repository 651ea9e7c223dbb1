import { firstBadOf } from '../../domain/stream/nothing-scored.ts';
import { fromCompact } from '../../domain/stream/stream-job.ts';
import type { StreamLedger } from '../../domain/stream/stream-ledger.ts';
import type { ContinuousResume } from '../../domain/stream/workflow-inputs.ts';
import type { WorkflowContext } from '../context.ts';
import type { StreamTally } from './scoring.ts';

export type ContinuousTally = StreamTally & {
  /** Version of the model that the newest batch was scored with. */
  readonly model: () => string;
};

/** Counts what a continuous stream has done, and tells its ledger. */
export function createTally(
  from: ContinuousResume,
  ledger: StreamLedger,
  context: WorkflowContext,
): ContinuousTally {
  let { totals, model: version } = from;
  context.setAttributes({ ModelVersion: version });

  return {
    totals: () => totals,
    model: () => version,
    done(batch, result) {
      const { predicted, deadLettered, model = version, rest = [] } = result;
      const firstBad = firstBadOf(totals, result);
      const { firstBad: _before, ...counts } = totals;
      const further = ledger.finish(batch, fromCompact(rest));
      totals = {
        ...counts,
        ...(firstBad && { firstBad }),
        batches: totals.batches + 1,
        predicted: totals.predicted + predicted,
        deadLettered: totals.deadLettered + deadLettered,
      };
      if (model !== version) context.setAttributes({ ModelVersion: model });
      version = model;
      return further;
    },
    skip(batches) {
      for (const batch of batches) ledger.finish(batch);
      totals = { ...totals, skipped: totals.skipped + batches.length };
    },
  };
}
