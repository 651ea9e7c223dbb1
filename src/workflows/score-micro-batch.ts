import { batchName } from '../domain/names.ts';
import { describeRanges, manifestTotals } from '../domain/offsets.ts';
import type { ScoreResult } from '../domain/step-results.ts';
import { requireFields, type ScoreMicroBatchInput } from '../domain/workflow-inputs.ts';
import { activities } from './activities.ts';
import { orFail } from './failure.ts';
import { rows } from './labels.ts';

/** One micro-batch: consume → predict → publish predictions. Its input is offsets and references only. */
export async function scoreMicroBatch(input: ScoreMicroBatchInput): Promise<ScoreResult> {
  const { run, batch, lane, topic, ranges, model, onBadRecord } = orFail(() =>
    requireFields<ScoreMicroBatchInput>('scoreMicroBatch', input, [
      'run',
      'batch',
      'lane',
      'topic',
      'ranges',
      'model',
      'onBadRecord',
    ]),
  );
  const { features, target } = model;

  const consumed = await activities(describeRanges(topic, ranges)).consumeMicroBatch({
    run,
    batch,
    topic,
    ranges,
    features,
    target,
    onBadRecord,
  });

  const { scored } = await activities(
    `${rows(consumed.rows.rows)} rows with model ${model.version}`,
  ).predictMicroBatch({ run, batch, model, rows: consumed.rows });

  const published = await activities(
    `${batchName(batch)}: ${rows(scored.rows)} predictions, ${rows(consumed.deadLettered)} dead letters`,
  ).publishPredictions({ run, lane, batch, scored });

  return {
    read: consumed.read,
    predicted: manifestTotals(published.predictions).records,
    deadLettered: manifestTotals(published.deadLetters).records,
    predictions: published.predictions,
  };
}
