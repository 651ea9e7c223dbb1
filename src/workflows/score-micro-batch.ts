import { batchName } from '../domain/names.ts';
import { describeRanges, manifestTotals } from '../domain/offsets.ts';
import type { ScoreResult } from '../domain/step-results.ts';
import { requireFields, type ScoreMicroBatchInput } from '../domain/workflow-inputs.ts';
import { activities } from './activities.ts';
import { orFail } from './failure.ts';
import { rows } from './labels.ts';

const REQUIRED = ['run', 'batch', 'lane', 'topic', 'ranges', 'model', 'onBadRecord'] as const;

/** One micro-batch: consume → predict → publish predictions. Its input is offsets and references only. */
export async function scoreMicroBatch(input: ScoreMicroBatchInput): Promise<ScoreResult> {
  const {
    maxBadFraction = 1,
    claim,
    ...given
  } = orFail(() => requireFields<ScoreMicroBatchInput>('scoreMicroBatch', input, REQUIRED));
  const { run, batch, lane, topic, ranges, model, onBadRecord } = given;

  const consumed = await activities(describeRanges(topic, ranges)).consumeMicroBatch({
    run,
    batch,
    topic,
    ranges,
    model,
    onBadRecord,
    maxBadFraction,
    select: claim ? 'all' : 'own',
  });

  const { scored } = await activities(
    `${rows(consumed.rows.rows)} rows with model ${model.version}`,
  ).predictMicroBatch({ run, batch, model, rows: consumed.rows });

  const published = await activities(
    `${batchName(batch)}: ${rows(scored.rows)} predictions, ${rows(consumed.deadLettered)} dead letters`,
  ).publishPredictions({ run, lane, batch, scored, ranges, ...(claim && { claim }) });

  return {
    read: consumed.read,
    predicted: manifestTotals(published.predictions).records,
    deadLettered: manifestTotals(published.deadLetters).records,
    predictions: published.predictions,
  };
}
