import { workflowInfo } from '@temporalio/workflow';
import { batchName } from '../domain/names.ts';
import { beforeRanges, describeRanges, manifestTotals } from '../domain/log/offsets.ts';
import type { ScoreMicroBatchResult } from '../domain/run/step-results.ts';
import { fromCompact, fromCompactOffsets, toCompact } from '../domain/stream/stream-job.ts';
import {
  requireFields,
  type CompactClaim,
  type LaneClaim,
  type ScoreMicroBatchInput,
} from '../domain/stream/workflow-inputs.ts';
import { counted } from '../domain/text.ts';
import { activities } from './activities.ts';
import { orFail } from './failure.ts';
import { modelLabel } from './labels.ts';

/** One micro-batch: consume → predict → publish predictions. Its input is offsets and references only. */
export async function scoreMicroBatch(input: ScoreMicroBatchInput): Promise<ScoreMicroBatchResult> {
  const { job, batch, lane, claim, ...given } = orFail(() =>
    requireFields<ScoreMicroBatchInput>('scoreMicroBatch', input, ['job', 'batch', 'lane', 'ranges']),
  );
  const ranges = fromCompact(given.ranges);

  const consumed = await activities(
    ranges.map((range) => describeRanges('', [range])).join(', '),
  ).consumeMicroBatch({ job, batch, ranges });

  const { model, deadLetters, firstBad, rest = [] } = consumed;
  const { scored } = await activities(
    `${counted(consumed.rows.rows, 'row')}${model ? ` with ${modelLabel(model)}` : ''}`,
  ).predictMicroBatch({ job, batch, rows: consumed.rows, ...(model && { model }) });

  const published = await activities(
    `${batchName(batch)}: ${counted(scored.rows, 'prediction')}, ${counted(consumed.deadLettered, 'dead letter')}`,
  ).publishPredictions({
    job,
    lane,
    batch,
    rows: consumed.rows,
    scored,
    ...(deadLetters && { deadLetters }),
    ranges: beforeRanges(ranges, rest),
    ...(claim && { claim: toLaneClaim(claim) }),
  });

  return {
    read: consumed.read,
    predicted: manifestTotals(published.predictions).records,
    deadLettered: manifestTotals(published.deadLetters).records,
    ...(firstBad && { firstBad }),
    ...(model && { model: model.version }),
    ...(rest.length > 0 && { rest: toCompact(rest) }),
  };
}

function toLaneClaim({ watermark, finished, failed = [], ...claim }: CompactClaim): LaneClaim {
  const run = workflowInfo().parent?.runId ?? '';
  return { ...claim, run, watermark: fromCompactOffsets(watermark), finished: fromCompact(finished), failed };
}
