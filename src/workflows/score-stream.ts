import {
  ChildWorkflowFailure,
  continueAsNew,
  defineQuery,
  executeChild,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { ApplicationFailure } from '@temporalio/common';
import { combineContentHashes, EMPTY_CONTENT_HASH } from '../domain/content-hash.ts';
import { microBatchWorkflowId, predictionsTopic, PROGRESS_QUERY } from '../domain/names.ts';
import { describeRanges, mergeManifests, planMicroBatches } from '../domain/offsets.ts';
import type { StreamProgress } from '../domain/progress.ts';
import type { ScoreResult, ScoreStreamResult } from '../domain/step-results.ts';
import { requireFields, type FailedBatch, type ScoreStreamInput } from '../domain/workflow-inputs.ts';
import { orFail, rootCause } from './failure.ts';
import { rows } from './labels.ts';
import { scoreMicroBatch } from './score-micro-batch.ts';

const progressQuery = defineQuery<StreamProgress>(PROGRESS_QUERY);
/** Enough to see the pattern; a payload stays small. */
const LISTED_FAILURES = 10;

/**
 * Scores a range of a topic in micro-batches, one child each, `stream.inFlight` at a time.
 *
 * Batches are dealt to lanes (batch mod inFlight) and a lane works one batch after the other. So a batch always
 * belongs to the same transactional id, and a batch that is tried again, by a retry or a reset, fences its own zombie.
 * A failed batch does not stop the others: they finish, then the stream fails and lists the failed ones.
 */
export async function scoreStream(input: ScoreStreamInput): Promise<ScoreStreamResult> {
  const { run, topic, ranges, model, stream, resume } = orFail(() =>
    requireFields<ScoreStreamInput>('scoreStream', input, ['run', 'topic', 'ranges', 'model', 'stream']),
  );
  const plan = planMicroBatches(ranges, stream.microBatchRows);
  const nextBatch = Array.from({ length: stream.inFlight }, (_, lane) => resume?.nextBatch[lane] ?? lane);
  const failed: FailedBatch[] = [...(resume?.failed ?? [])];
  let soFar: ScoreStreamResult = resume?.soFar ?? emptyResult(topic);

  setHandler(
    progressQuery,
    () => ({
      batches: plan.length,
      done: soFar.batches,
      failed: failed.length,
      predicted: soFar.predicted,
      deadLettered: soFar.deadLettered,
    }),
    { description: 'Micro-batches planned, done and failed; rows predicted and dead-lettered' },
  );

  async function workLane(lane: number): Promise<void> {
    for (
      let batch = nextBatch[lane] as number;
      batch < plan.length && !workflowInfo().continueAsNewSuggested;
      batch += stream.inFlight
    ) {
      const batchRanges = plan[batch] ?? [];
      try {
        const result = await executeChild(scoreMicroBatch, {
          workflowId: microBatchWorkflowId(workflowInfo().workflowId, batch),
          args: [{ run, batch, lane, topic, ranges: batchRanges, model, onBadRecord: stream.onBadRecord }],
          staticSummary: `batch ${batch} of ${plan.length}: ${describeRanges(topic, batchRanges)}`,
        });
        soFar = add(soFar, result);
      } catch (error) {
        if (!(error instanceof ChildWorkflowFailure) || isCancellation(error)) throw error;
        failed.push({ batch, reason: rootCause(error) });
      }
      nextBatch[lane] = batch + stream.inFlight;
      setCurrentDetails(
        `${soFar.batches} of ${plan.length} micro-batches done, ${failed.length} failed; ` +
          `${rows(soFar.predicted)} rows predicted, ${rows(soFar.deadLettered)} dead-lettered`,
      );
    }
  }
  await Promise.all(nextBatch.map((_, lane) => workLane(lane)));

  if (nextBatch.some((batch) => batch < plan.length)) {
    await continueAsNew<typeof scoreStream>({ ...input, resume: { nextBatch, soFar, failed } });
  }
  if (failed.length > 0) throw batchesFailed(failed, plan.length);
  return soFar;
}

function emptyResult(topic: string): ScoreStreamResult {
  return {
    batches: 0,
    read: { records: 0, contentHash: EMPTY_CONTENT_HASH },
    predicted: 0,
    deadLettered: 0,
    predictions: { topic: predictionsTopic(topic), partitions: [] },
  };
}

function add(soFar: ScoreStreamResult, next: ScoreResult): ScoreStreamResult {
  return {
    batches: soFar.batches + 1,
    read: {
      records: soFar.read.records + next.read.records,
      contentHash: combineContentHashes([soFar.read.contentHash, next.read.contentHash]),
    },
    predicted: soFar.predicted + next.predicted,
    deadLettered: soFar.deadLettered + next.deadLettered,
    predictions: mergeManifests(soFar.predictions.topic, [soFar.predictions, next.predictions]),
  };
}

function batchesFailed(failed: readonly FailedBatch[], planned: number): ApplicationFailure {
  const sorted = [...failed].sort((a, b) => a.batch - b.batch);
  const listed = sorted.slice(0, LISTED_FAILURES).map(({ batch, reason }) => `batch ${batch}: ${reason}`);
  const more = sorted.length > LISTED_FAILURES ? ` … and ${sorted.length - LISTED_FAILURES} more` : '';
  return ApplicationFailure.create({
    type: 'MicroBatchesFailed',
    message:
      `${failed.length} of ${planned} micro-batches failed, the others are done: ${listed.join('; ')}${more}. ` +
      'Mend the cause, then reset the run to its "score stream" step: finished batches are not written again',
    nonRetryable: true,
    details: [{ failed: sorted.slice(0, LISTED_FAILURES) }],
  });
}
