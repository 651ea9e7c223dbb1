import { continueAsNew } from '@temporalio/workflow';
import { combineContentHashes, EMPTY_CONTENT_HASH } from '../../domain/log/content-hash.ts';
import { countOffsets, planMicroBatches, type OffsetRange } from '../../domain/log/offsets.ts';
import type { ScoreStreamResult } from '../../domain/run/step-results.ts';
import type { LanedBatch, PlannedBatch } from '../../domain/stream/batch.ts';
import { batchRowsOfRun } from '../../domain/stream/batch-size.ts';
import { addThroughput } from '../../domain/stream/batch-throughput.ts';
import { parseRangesInput, type RangesInput } from '../../domain/stream/stream-input.ts';
import { firstBadOf } from '../../domain/stream/nothing-scored.ts';
import { fromCompact, toCompact, type JobRef } from '../../domain/stream/stream-job.ts';
import type { ScoreRangesInput } from '../../domain/stream/workflow-inputs.ts';
import { activities } from '../activities.ts';
import type { WorkflowContext } from '../context.ts';
import { orFail } from '../failure.ts';
import { modelLabel } from '../labels.ts';
import { batchesFailed, LISTED_FAILURES, requireSomeScored, settle } from './repair.ts';
import { createScoring, type StreamTally } from './scoring.ts';

/** `scoreStream`, as a run starts it. */
export type ScoreRanges = (input: ScoreRangesInput) => Promise<ScoreStreamResult>;

/**
 * Scores fixed ranges of a topic. Batches are assigned to lanes round-robin, and a lane runs one batch after the
 * other. So a batch always has the same transactional id, and its next attempt, by a retry, an operator or a reset,
 * fences its own zombie.
 */
export async function scoreRanges(
  input: ScoreRangesInput,
  context: WorkflowContext,
): Promise<ScoreStreamResult> {
  const { resume } = input;
  const settings = orFail(() => parseRangesInput(input));
  const { topic, ranges, model, stream } = settings;
  context.setAttributes({ PipelineState: 'Running', ModelVersion: model.version });
  const job = resume?.job ?? (await prepareJob(settings));

  const plan = planMicroBatches(ranges, batchRowsOf(settings));
  const tally = createTally(plan.length, stream.inFlight, resume?.soFar);
  const { window, recent } = createScoring({
    context,
    topic,
    inFlight: stream.inFlight,
    resumed: resume,
    tally,
    shared: () => ({ job }),
    label: (batch) => labelOf(batch, plan.length),
  });
  window.add(assignLanes(plan, stream.inFlight, resume?.nextBatch));
  window.add((resume?.parts ?? []).map(([batch, part]) => toPart(batch, fromCompact(part), stream.inFlight)));
  const isDone = await settle(window, stream);

  if (isDone && window.unfinished() > 0) {
    const { unstarted, ...batches } = window.toResume();
    const isPart = ({ batch }: PlannedBatch): boolean => batch >= plan.length;
    const parts = unstarted.filter(isPart).map((part) => [part.batch, toCompact(part.ranges)] as const);
    const nextBatch = firstOfLanes(unstarted, stream.inFlight, plan.length);
    await continueAsNew<ScoreRanges>({
      ...input,
      resume: { ...batches, job, nextBatch, parts, soFar: tally.soFar(), recent: recent() },
    });
  }
  if (!isDone) throw batchesFailed(window.failed(), plan.length);
  requireSomeScored(topic, tally.totals());
  return tally.soFar();
}

function batchRowsOf({ ranges, stream: { inFlight: lanes, microBatchRows: most } }: RangesInput): number {
  return batchRowsOfRun(countOffsets(ranges), { lanes, most });
}

function prepareJob({ run, topic, model, stream }: RangesInput): Promise<JobRef> {
  const { onBadRecord, maxBadFraction, microBatchBytes: maxBytes, registerSchemas } = stream;
  return activities(modelLabel(model)).prepareStream({
    run,
    topic,
    model,
    onBadRecord,
    maxBadFraction,
    maxBytes,
    select: 'own',
    registerSchemas,
  });
}

function assignLanes(
  plan: readonly (readonly OffsetRange[])[],
  inFlight: number,
  nextBatch: readonly number[] = [],
): LanedBatch[] {
  return plan
    .map((ranges, batch) => ({ batch, ranges, lane: batch % inFlight }))
    .filter(({ batch, lane }) => batch >= (nextBatch[lane] ?? 0));
}

/**
 * What a batch has left of its ranges, as a batch of its own. Its number depends on the batch alone, so a reset gives
 * the same number to the same rest.
 */
function toPart(batch: number, ranges: readonly OffsetRange[], inFlight: number): LanedBatch {
  return { batch, ranges, lane: batch % inFlight };
}

/** `batch 3 of 20`, `batch 3 of 20, part 2` */
function labelOf(batch: number, planned: number): string {
  const part = batch < planned ? '' : `, part ${Math.floor(batch / planned) + 1}`;
  return `batch ${batch % planned} of ${planned}${part}`;
}

/** By lane, the first batch that has not been started; `planned` when there is none. */
function firstOfLanes(unstarted: readonly PlannedBatch[], inFlight: number, planned: number): number[] {
  const first = Array.from({ length: inFlight }, () => planned);
  for (const { batch } of unstarted) {
    const lane = batch % inFlight;
    first[lane] = Math.min(batch, first[lane] ?? planned);
  }
  return first;
}

const NOTHING: ScoreStreamResult = {
  batches: 0,
  read: { records: 0, contentHash: EMPTY_CONTENT_HASH },
  predicted: 0,
  deadLettered: 0,
  throughput: [],
};

/** @param planned batches of the whole stream */
function createTally(planned: number, inFlight: number, resumed: ScoreStreamResult = NOTHING) {
  let soFar = resumed;

  return {
    soFar: () => soFar,
    totals: () => ({ ...soFar, skipped: soFar.skipped?.batches ?? 0 }),
    done({ batch }, result, seconds) {
      const { read, predicted, deadLettered, rest = [] } = result;
      const part = rest.length > 0 ? toPart(batch + planned, fromCompact(rest), inFlight) : undefined;
      const firstBad = firstBadOf(soFar, result);
      const { firstBad: _before, ...counts } = soFar;
      soFar = {
        ...counts,
        ...(firstBad && { firstBad }),
        batches: soFar.batches + 1,
        read: {
          records: soFar.read.records + read.records,
          contentHash: combineContentHashes([soFar.read.contentHash, read.contentHash]),
        },
        predicted: soFar.predicted + predicted,
        deadLettered: soFar.deadLettered + deadLettered,
        throughput: addThroughput(
          soFar.throughput,
          { batch: batch % planned, rows: read.records, seconds },
          planned,
        ),
        ...(part && { parts: [...(soFar.parts ?? []), part.batch] }),
      };
      return part;
    },
    skip(skipped) {
      const { batches, offsets, first } = soFar.skipped ?? { batches: 0, offsets: 0, first: [] };
      const listed = [...first, ...skipped].slice(0, LISTED_FAILURES);
      soFar = {
        ...soFar,
        skipped: {
          batches: batches + skipped.length,
          offsets: offsets + countOffsets(skipped.flatMap(({ ranges }) => ranges)),
          first: listed.map(({ batch, reason }) => ({ batch, reason })),
        },
      };
    },
  } satisfies StreamTally & { readonly soFar: () => ScoreStreamResult };
}
