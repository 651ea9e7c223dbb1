import { continueAsNew, executeChild, patched, workflowInfo } from '@temporalio/workflow';
import { addThroughput } from '../../domain/stream/batch-throughput.ts';
import { combineContentHashes, EMPTY_CONTENT_HASH } from '../../domain/log/content-hash.ts';
import { microBatchWorkflowId } from '../../domain/names.ts';
import { describeRanges, planMicroBatches } from '../../domain/log/offsets.ts';
import type { ScoreResult, ScoreStreamResult } from '../../domain/run/step-results.ts';
import { parseRangesInput } from '../../domain/stream/stream-input.ts';
import { toCompact } from '../../domain/stream/stream-job.ts';
import type { ScoreRangesInput } from '../../domain/stream/workflow-inputs.ts';
import { activities } from '../activities.ts';
import { batchesFailed, orFail } from '../failure.ts';
import { createMicroBatchWindow } from './window.ts';
import { handleOperator } from './operator.ts';
import { scoreMicroBatch } from '../score-micro-batch.ts';
import { createStreamView } from './view.ts';
import type { WorkflowContext } from '../context.ts';

/** Since version 0.2 children share a stored job; runs that began before go on without. */
const STREAM_JOB = 'stream-job';

/** `scoreStream`, as a run starts it. */
export type ScoreRanges = (input: ScoreRangesInput) => Promise<ScoreStreamResult>;

/**
 * A part of a topic that has an end. Batches are dealt to lanes (batch mod inFlight) and a lane works one batch after
 * the other. So a batch always belongs to the same transactional id, and a batch that is tried again, by a retry, an
 * operator or a reset, fences its own zombie.
 */
export async function scoreRanges(
  input: ScoreRangesInput,
  context: WorkflowContext,
): Promise<ScoreStreamResult> {
  const { run, topic, ranges, model, stream } = orFail(() => parseRangesInput(input));
  const { resume } = input;
  const { inFlight, onBadRecord, maxBadFraction } = stream;
  context.setAttributes({ PipelineState: 'Running', ModelVersion: model.version });
  const plan = planMicroBatches(ranges, stream.microBatchRows);
  let soFar = resume?.soFar ?? emptyResult();

  const job = { run, topic, model, onBadRecord, maxBadFraction, select: 'own' } as const;
  const jobRef = patched(STREAM_JOB) ? await activities(`model ${model.version}`).prepareStream(job) : job;

  const window = createMicroBatchWindow({
    stream,
    resumed: resume,
    score: ({ batch, lane, ranges: batchRanges }) =>
      executeChild(scoreMicroBatch, {
        workflowId: microBatchWorkflowId(workflowInfo().workflowId, batch),
        args: [{ job: jobRef, batch, lane, ranges: toCompact(batchRanges) }],
        staticSummary: `batch ${batch} of ${plan.length}: ${describeRanges(topic, batchRanges)}`,
      }),
    onDone({ batch, ranges: batchRanges }, result, seconds) {
      const done = { batch, rows: result.read.records, seconds };
      soFar = {
        ...add(soFar, result),
        throughput: addThroughput(soFar.throughput ?? [], done, plan.length),
      };
      view.done({ ...done, place: describeRanges(topic, batchRanges) });
    },
    onChange: () => {
      view.show();
    },
  });
  const view = createStreamView({
    context,
    topic,
    window,
    totals: () => ({
      batches: plan.length,
      done: soFar.batches,
      skipped: soFar.skipped?.length ?? 0,
      predicted: soFar.predicted,
      deadLettered: soFar.deadLettered,
    }),
  });
  handleOperator({
    window,
    onSkip(skipped) {
      const left = skipped.map(({ batch, reason, ranges: unread = plan[batch] ?? [] }) => ({
        batch,
        ranges: unread,
        reason,
      }));
      soFar = { ...soFar, skipped: [...(soFar.skipped ?? []), ...left] };
    },
  });

  const planned = plan.map((batchRanges, batch) => ({ batch, lane: batch % inFlight, ranges: batchRanges }));
  const nextBatch = resume?.nextBatch ?? [];
  window.add(
    ...(resume?.retry ?? []),
    ...planned.filter(({ batch, lane }) => batch >= (nextBatch[lane] ?? 0)),
  );
  const isDone = await window.settle();

  if (window.pending.length > 0) {
    const retry = window.pending.filter(({ isRetry }) => isRetry);
    const rest = window.pending.filter(({ isRetry }) => !isRetry);
    await continueAsNew<ScoreRanges>({
      ...input,
      resume: {
        nextBatch: Array.from({ length: inFlight }, (_, lane) =>
          Math.min(plan.length, ...rest.filter((batch) => batch.lane === lane).map(({ batch }) => batch)),
        ),
        soFar,
        failed: [...window.failed.values()],
        retry,
        isPaused: window.isPaused(),
      },
    });
  }
  if (!isDone) throw batchesFailed([...window.failed.values()], plan.length);
  return soFar;
}

function emptyResult(): ScoreStreamResult {
  return {
    batches: 0,
    read: { records: 0, contentHash: EMPTY_CONTENT_HASH },
    predicted: 0,
    deadLettered: 0,
  };
}

function add(soFar: ScoreStreamResult, next: ScoreResult): ScoreStreamResult {
  return {
    ...soFar,
    batches: soFar.batches + 1,
    read: {
      records: soFar.read.records + next.read.records,
      contentHash: combineContentHashes([soFar.read.contentHash, next.read.contentHash]),
    },
    predicted: soFar.predicted + next.predicted,
    deadLettered: soFar.deadLettered + next.deadLettered,
  };
}
