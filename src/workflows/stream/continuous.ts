import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { ContinuousResult } from '../../domain/run/step-results.ts';
import { parseContinuousInput, type ContinuousInput } from '../../domain/stream/stream-input.ts';
import type { LanedBatch } from '../../domain/stream/batch.ts';
import { EMPTY_QUEUE, unpackQueue } from '../../domain/stream/queue-state.ts';
import { toCompact, toCompactOffsets } from '../../domain/stream/stream-job.ts';
import { createStreamLedger, type StreamLedger } from '../../domain/stream/stream-ledger.ts';
import type {
  CompactClaim,
  ContinuousResume,
  ScoreContinuouslyInput,
} from '../../domain/stream/workflow-inputs.ts';
import { activities } from '../activities.ts';
import type { WorkflowContext } from '../context.ts';
import { orFail } from '../failure.ts';
import { modelLabel } from '../labels.ts';
import { createCommit } from './commit.ts';
import { handleStop } from './operator.ts';
import { hasGivenUp, isEnding, MAX_FAILED, scoreNewRecords, type ContinuousStream } from './new-records.ts';
import { createPlanner } from './planner.ts';
import { batchesFailed, requireSomeScored, settle } from './repair.ts';
import { createScoring } from './scoring.ts';
import { createTally } from './tally.ts';

/**
 * A streaming job: polls the topic's last stable offset every `trigger.intervalSeconds`, plans micro-batches and scores
 * them. Its position is in Kafka, in the transactions of its batches. So however it ends, the next start of the same
 * workflow id scores every remaining record, and none twice.
 */
export async function scoreContinuously(
  input: ScoreContinuouslyInput | undefined,
  context: WorkflowContext,
): Promise<ContinuousResult> {
  const { resume, ...given } = input ?? {};
  const settings = orFail(() => parseContinuousInput(given));
  context.setAttributes({ PipelineState: 'Running' });
  const from = resume ?? (await open(settings));
  const stream = createStream(settings, from, context);
  const { window, ledger, tally, planner } = stream;

  await stream.position.takeOver();
  await scoreNewRecords(stream);
  await finishBatches(stream);
  const isAllDone = planner.hasPlannedAll() && window.unfinished() === 0;
  if (!window.isStopping() && !isAllDone) {
    await continueAsNew<(input: ScoreContinuouslyInput) => Promise<ContinuousResult>>({
      ...given,
      model: settings.model,
      resume: toResume(stream, from),
    });
  }
  requireSomeScored(settings.topic, tally.totals());
  return {
    topic: settings.topic,
    ...tally.totals(),
    finished: ledger.watermark(),
    lag: planner.lag(),
    failed: window.failed().map(({ batch, reason }) => ({ batch, reason })),
  };
}

async function open(settings: ContinuousInput): Promise<ContinuousResume> {
  const { topic, model, start, startOver, stream } = settings;
  const name = workflowInfo().workflowId;
  const job = await activities(modelLabel(model)).prepareStream({
    run: name,
    topic,
    model,
    select: 'all',
    onBadRecord: stream.onBadRecord,
    maxBadFraction: stream.maxBadFraction,
    maxBytes: stream.microBatchBytes,
    registerSchemas: stream.registerSchemas,
    value: stream.value,
  });
  const first = typeof start === 'string' ? start : JSON.stringify(start);
  const opened = await activities(`${topic}: from its last position, or ${first}`).openStream({
    stream: name,
    run: workflowInfo().runId,
    topic,
    model,
    start,
    startOver,
    lanes: stream.inFlight,
  });
  const totals = { batches: 0, predicted: 0, deadLettered: 0, skipped: 0 };
  return { ...opened, ...EMPTY_QUEUE, job, isPaused: false, totals };
}

function createStream(
  settings: ContinuousInput,
  from: ContinuousResume,
  context: WorkflowContext,
): ContinuousStream {
  const { topic, model, stream } = settings;
  const { epoch, job } = from;
  const { failed, retry } = unpackQueue(from);
  const ledger = createStreamLedger(from.ledger, [...failed, ...retry]);
  const tally = createTally(from, ledger, context);
  const planner = createPlanner(settings, ledger, from);
  const scoring = createScoring({
    context,
    topic,
    inFlight: stream.inFlight,
    maxFailed: MAX_FAILED,
    resumed: from,
    tally,
    shared: (batch, failed) => ({ job, claim: toClaim(epoch, ledger, batch, failed) }),
    label: (batch) => `batch ${batch}`,
    isEndless: settings.trigger !== 'available-now',
    isFatal: (reason) => /^(StreamOvertaken|PositionLost):/.test(reason),
    details() {
      const position = planner.position();
      const inUse = { version: tally.model(), ...(typeof model === 'string' && { follows: model }) };
      return { ...(position && { position }), model: inUse };
    },
  });
  handleStop(scoring.window);
  const position = createCommit({
    topic,
    epoch,
    continues: from.continues,
    lanes: stream.inFlight,
    renewEveryMs: from.renewEveryMs,
    ledger,
    tally,
    window: scoring.window,
    context,
  });
  return { ...scoring, settings, ledger, tally, planner, position };
}

function toClaim(
  epoch: number,
  ledger: StreamLedger,
  { isRetry }: LanedBatch,
  failed: readonly number[],
): CompactClaim {
  const { watermark, finished } = ledger.known();
  return {
    epoch,
    watermark: toCompactOffsets(watermark),
    finished: toCompact(finished),
    ...(failed.length > 0 && { failed }),
    ...(isRetry && { isRetry }),
  };
}

/** @throws MicroBatchesFailed when failed batches were not repaired in time, or `onBatchFailure` is `fail` */
async function finishBatches(stream: ContinuousStream): Promise<void> {
  const { settings, window, ledger, planner, position } = stream;
  const isSettled = isEnding(stream) || (await settle(window, settings.stream));
  window.drain();
  await window.until(window.isIdle);
  // A failed batch may have a late attempt that still commits.
  const { failed, retry } = window.toResume();
  const isOver = window.isStopping() || (planner.hasPlannedAll() && window.unfinished() === 0);
  await position.end(isOver && failed.length + retry.length === 0);
  if (hasGivenUp(stream) || !isSettled) throw batchesFailed(window.failed(), ledger.nextBatch());
}

function toResume(stream: ContinuousStream, from: ContinuousResume): ContinuousResume {
  const { epoch, renewEveryMs, job } = from;
  const { window, ledger, tally, planner, recent } = stream;
  const { unstarted, ...batches } = window.toResume();
  return {
    ...batches,
    epoch,
    continues: workflowInfo().runId,
    renewEveryMs,
    job,
    ledger: ledger.toState(unstarted),
    ...planner.toState(),
    totals: tally.totals(),
    model: tally.model(),
    recent: recent(),
  };
}
