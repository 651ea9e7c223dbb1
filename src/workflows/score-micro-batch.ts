import { batchName } from '../domain/names.ts';
import { describeRanges, manifestTotals } from '../domain/log/offsets.ts';
import type { ScoreResult } from '../domain/run/step-results.ts';
import { fromCompact, fromCompactOffsets, toCompact } from '../domain/stream/stream-job.ts';
import {
  requireFields,
  type LaneClaim,
  type ScoreMicroBatchInput,
  type ScoreMicroBatchInputOf01,
} from '../domain/stream/workflow-inputs.ts';
import { activities } from './activities.ts';
import { orFail } from './failure.ts';
import { modelLabel, rows } from './labels.ts';

/** One micro-batch: consume → predict → publish predictions. Its input is offsets and references only. */
export async function scoreMicroBatch(
  input: ScoreMicroBatchInput | ScoreMicroBatchInputOf01,
): Promise<ScoreResult> {
  const { job, batch, lane, ranges: wanted, claim } = orFail(() => parse(input));
  const ranges = fromCompact(wanted);

  const consumed = await activities(
    ranges.map((range) => describeRanges('', [range])).join(', '),
  ).consumeMicroBatch({ job, batch, ranges });

  const { model } = consumed;
  const { scored } = await activities(
    `${rows(consumed.rows.rows)} rows${model ? ` with ${modelLabel(model)}` : ''}`,
  ).predictMicroBatch({ job, batch, rows: consumed.rows, ...(model && { model }) });

  const published = await activities(
    `${batchName(batch)}: ${rows(scored.rows)} predictions, ${rows(consumed.deadLettered)} dead letters`,
  ).publishPredictions({ job, lane, batch, scored, ranges, ...(claim && { claim: toLaneClaim(claim) }) });

  return {
    read: consumed.read,
    predicted: manifestTotals(published.predictions).records,
    deadLettered: manifestTotals(published.deadLetters).records,
    ...(model && { model: model.version }),
  };
}

function parse(input: ScoreMicroBatchInput | ScoreMicroBatchInputOf01): ScoreMicroBatchInput {
  if (!('run' in input)) {
    return requireFields<ScoreMicroBatchInput>('scoreMicroBatch', input, ['job', 'batch', 'lane', 'ranges']);
  }
  const { run, topic, model, onBadRecord, ranges, ...rest } = input;
  const job = { run, topic, model, onBadRecord, maxBadFraction: 1, select: 'own' } as const;
  return { ...rest, job, ranges: toCompact(ranges) };
}

function toLaneClaim({ epoch, watermark, finished }: NonNullable<ScoreMicroBatchInput['claim']>): LaneClaim {
  return { epoch, watermark: fromCompactOffsets(watermark), finished: fromCompact(finished) };
}
