import { continueAsNew, executeChild, workflowInfo } from '@temporalio/workflow';
import { microBatchWorkflowId } from '../../domain/names.ts';
import { describeRanges } from '../../domain/log/offsets.ts';
import type { ContinuousResult } from '../../domain/run/step-results.ts';
import { parseContinuousInput, type ContinuousInput } from '../../domain/stream/stream-input.ts';
import { toCompact, toCompactOffsets } from '../../domain/stream/stream-job.ts';
import { createStreamLedger, type StreamLedger } from '../../domain/stream/stream-ledger.ts';
import { isBehind, lagOf, planTrigger, type PartitionOffsets } from '../../domain/stream/stream-plan.ts';
import type {
  CompactClaim,
  ContinuousResume,
  ScoreContinuouslyInput,
} from '../../domain/stream/workflow-inputs.ts';
import { activities } from '../activities.ts';
import { batchesFailed, orFail } from '../failure.ts';
import { modelLabel, positionLabel, rows } from '../labels.ts';
import { createMicroBatchWindow, historyIsFull } from './window.ts';
import { createStop, handleOperator } from './operator.ts';
import { scoreMicroBatch } from '../score-micro-batch.ts';
import { createStreamView } from './view.ts';
import type { WorkflowContext } from '../context.ts';

/** With more, the cause is not in the records: planning on would fail everything. */
const MAX_FAILED = 50;
/** Committed offsets are forgotten after `offsets.retention.minutes`, a week by default. */
const COMMIT_AGAIN_MS = 3_600_000;
/** `available-now` has no rhythm that a cap could bound; this bounds the plan. */
const AVAILABLE_NOW_ROWS = 100_000;

/**
 * A streaming job: looks at the topic's last stable offset every `trigger.intervalSeconds`, plans micro-batches, scores
 * them. Where it is stands in Kafka, in the transactions of its batches. So whatever ends it, the next start of the
 * same workflow id scores every record that is left, and none twice.
 */
export async function scoreContinuously(
  input: ScoreContinuouslyInput | undefined,
  context: WorkflowContext,
): Promise<ContinuousResult> {
  const { resume, ...given } = input ?? {};
  const settings = orFail(() => parseContinuousInput(given));
  const { topic, model, trigger, stream } = settings;
  const name = workflowInfo().workflowId;
  context.setAttributes({ PipelineState: 'Running' });
  const isOneOff = trigger === 'available-now';
  const maxRows = isOneOff ? AVAILABLE_NOW_ROWS : trigger.maxRows;
  const intervalMs = isOneOff ? 0 : trigger.intervalSeconds * 1_000;

  const { epoch, job, ledger: from, ...before } = resume ?? (await open(name, settings));
  const ledger = createStreamLedger(from, () => window.unfinished());
  let { totals, until, model: version = typeof model === 'string' ? '' : model.version } = before;
  if (version !== '') context.setAttributes({ ModelVersion: version });
  let offsets: readonly PartitionOffsets[] = [];
  let lookedAt: string | null = null;
  let committed = { watermark: '', atMs: 0 };
  const stop = createStop();

  const window = createMicroBatchWindow({
    stream,
    resumed: resume,
    score: ({ batch, lane, ranges }) =>
      executeChild(scoreMicroBatch, {
        workflowId: microBatchWorkflowId(name, batch),
        args: [{ job, batch, lane, ranges: toCompact(ranges), claim: toClaim(epoch, ledger.known()) }],
        staticSummary: `batch ${batch}: ${describeRanges(topic, ranges)}`,
      }),
    onDone({ batch, ranges }, { predicted, deadLettered, read, model: champion }, seconds) {
      if (champion !== undefined && champion !== version) {
        version = champion;
        context.setAttributes({ ModelVersion: version });
      }
      ledger.finish(ranges);
      totals = {
        ...totals,
        batches: totals.batches + 1,
        predicted: totals.predicted + predicted,
        deadLettered: totals.deadLettered + deadLettered,
      };
      const place = describeRanges(topic, ranges);
      view.done({
        batch,
        place,
        rows: read.records,
        seconds,
        ...(champion !== undefined && { model: champion }),
      });
    },
    onChange: () => {
      view.show();
    },
    isFatal: (reason) => reason.startsWith('StreamOvertaken'),
  });

  const view = createStreamView({
    context,
    topic,
    window,
    totals: () => ({
      ...totals,
      batches:
        totals.batches + window.pending.length + window.running.size + window.failed.size + totals.skipped,
      done: totals.batches,
    }),
    position: () => ({
      topic,
      lag: lagOf(ledger.watermark(), offsets),
      lookedAt,
      partitions: ledger.watermark().map(({ partition, offset }) => ({
        partition,
        finished: offset,
        end: offsets.find((known) => known.partition === partition)?.high ?? offset,
      })),
    }),
    isStopping: stop.isStopping,
    model: () => ({ version, ...(typeof model === 'string' && { follows: model }) }),
  });

  handleOperator({
    window,
    onSkip(skipped) {
      ledger.finish(skipped.flatMap(({ ranges = [] }) => ranges));
      totals = { ...totals, skipped: totals.skipped + skipped.length };
    },
  });
  stop.handle(window);

  const hasGivenUp = (): boolean => stream.onBatchFailure === 'fail' && window.failed.size > 0;
  const isEnding = (): boolean => stop.isStopping() || hasGivenUp() || historyIsFull(stream.inFlight);

  async function plan(): Promise<void> {
    const position = ledger.position();
    offsets = await activities(`${topic}: from ${positionLabel(position)}`).listOffsets({
      stream: name,
      topic,
      position,
    });
    lookedAt = new Date().toISOString();
    ledger.addPartitions(offsets);
    const ends = offsets.map(({ partition, high }) => ({ partition, offset: high }));
    if (isOneOff) until ??= ends;
    const ranges = planTrigger(ledger.position(), until ?? ends, maxRows);
    window.add(...ledger.plan(ranges, stream.microBatchRows));
    view.show();
  }

  /** What Kafka's own tools see. What the stream itself needs to go on is in the transactions of its batches. */
  async function commit(): Promise<void> {
    const watermark = ledger.watermark();
    const text = JSON.stringify(watermark);
    if (committed.watermark === text && Date.now() - committed.atMs < COMMIT_AGAIN_MS) return;
    const unfinished = [...window.pending, ...window.running.values(), ...window.failed.values()];
    const finishedBatches = Math.min(ledger.nextBatch(), ...unfinished.map(({ batch }) => batch));
    await activities(`${rows(totals.predicted)} predicted, up to ${positionLabel(watermark)}`).commitProgress(
      {
        stream: name,
        topic,
        watermark,
        finishedBatches,
      },
    );
    committed = { watermark: text, atMs: Date.now() };
    context.setAttributes({ RowsScored: totals.predicted });
  }

  /** Until it is true, the stream ends, or the time is over; with failed batches, their time for repair as well. */
  async function wait(isTrue: () => boolean, untilMs = Infinity): Promise<void> {
    const dueMs = Math.min(untilMs, window.repairDeadlineMs());
    const timeoutMs = dueMs === Infinity ? undefined : dueMs - Date.now();
    if (timeoutMs === undefined || timeoutMs > 0) await window.until(() => isTrue() || isEnding(), timeoutMs);
    if (Date.now() < window.repairDeadlineMs()) return;
    window.drain();
    await window.until(window.isIdle);
    throw batchesFailed([...window.failed.values()], ledger.nextBatch());
  }

  function toResume(): ContinuousResume {
    const unstarted = window.pending.filter(({ isRetry }) => !isRetry);
    return {
      epoch,
      job,
      ledger: ledger.toState(unstarted),
      ...(until && { until }),
      failed: [...window.failed.values()],
      retry: window.pending.filter(({ isRetry }) => isRetry),
      isPaused: window.isPaused(),
      totals,
      model: version,
    };
  }

  window.add(...(resume?.retry ?? []), ...ledger.planBacklog(stream.microBatchRows));
  const mayPlan = (): boolean => window.pending.length === 0 && window.failed.size < MAX_FAILED;
  do {
    const nextMs = Date.now() + intervalMs;
    await wait(mayPlan);
    if (isEnding()) break;
    await plan();
    await wait(mayPlan);
    await wait(window.isIdle, nextMs);
    await commit();
    await wait(() => false, nextMs);
  } while (!isEnding() && (!isOneOff || isBehind(ledger.position(), until ?? [])));

  const isRepaired = isEnding() || (await window.settle());
  window.drain();
  await window.until(window.isIdle);
  await commit();
  const failed = [...window.failed.values()];
  if (failed.length > 0 && (hasGivenUp() || !isRepaired)) throw batchesFailed(failed, ledger.nextBatch());
  const isAllDone = isOneOff && failed.length + window.pending.length === 0;
  if (!stop.isStopping() && (!isAllDone || isBehind(ledger.position(), until ?? []))) {
    await continueAsNew<(input: ScoreContinuouslyInput) => Promise<ContinuousResult>>({
      ...given,
      model,
      resume: toResume(),
    });
  }
  return {
    ...{ topic, ...totals },
    finished: ledger.watermark(),
    lag: offsets.length === 0 ? null : lagOf(ledger.watermark(), offsets),
    failed: failed.map(({ batch, reason }) => ({ batch, reason })),
  };
}

async function open(name: string, settings: ContinuousInput): Promise<ContinuousResume> {
  const { topic, model, start, startOver, stream } = settings;
  const where = typeof start === 'string' ? start : JSON.stringify(start);
  const job = await activities(modelLabel(model)).prepareStream({
    ...{ run: name, topic, model, select: 'all' },
    onBadRecord: stream.onBadRecord,
    maxBadFraction: stream.maxBadFraction,
  });
  const opened = await activities(`${topic}: where it was, or from ${where}`).openStream({
    ...{ stream: name, topic, model, start, startOver },
    lanes: stream.inFlight,
  });
  const totals = { batches: 0, predicted: 0, deadLettered: 0, skipped: 0 };
  return { ...opened, job, failed: [], retry: [], isPaused: false, totals };
}

function toClaim(epoch: number, { watermark, finished }: ReturnType<StreamLedger['known']>): CompactClaim {
  return { epoch, watermark: toCompactOffsets(watermark), finished: toCompact(finished) };
}
