import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { PROGRESS_QUERY } from '../../domain/names.ts';
import { describeRanges } from '../../domain/log/offsets.ts';
import { streamToMarkdown, type StreamProgress } from '../../domain/run/progress.ts';
import type { PipelineState } from '../../domain/run/search-attributes.ts';
import { describeTrouble, stateOf } from '../../domain/run/trouble.ts';
import { describeNothingScored, hasScoredNothing } from '../../domain/stream/nothing-scored.ts';
import type { StreamTotals } from '../../domain/stream/batch.ts';
import type { RecentBatches } from '../../domain/stream/recent-batches.ts';
import type { WorkflowContext } from '../context.ts';
import { currentTrouble, showTrouble } from '../trouble/watch.ts';
import { signalParent } from './operator.ts';
import { LISTED_FAILURES } from './repair.ts';
import type { MicroBatchWindow } from './window.ts';

const progressQuery = defineQuery<StreamProgress>(PROGRESS_QUERY);

const PIPELINE_STATE: Readonly<Record<StreamProgress['state'], PipelineState>> = {
  running: 'Running',
  stopping: 'Running',
  paused: 'Paused',
  'needs attention': 'NeedsAttention',
};

interface Viewed {
  readonly topic: string;
  readonly window: MicroBatchWindow;
  readonly recent: RecentBatches;
  readonly totals: StreamTotals;
  readonly isAsking: boolean;
}

/** What every stream shows. */
export function toProgress({ topic, window, recent, totals, isAsking }: Viewed): StreamProgress {
  const failed = window.failed();
  const trouble = currentTrouble();
  return {
    state: stateOfStream(window, isAsking, trouble !== null),
    ...(trouble && { trouble: describeTrouble(trouble) }),
    batches: totals.batches + totals.skipped + window.unfinished(),
    done: totals.batches,
    skipped: totals.skipped,
    predicted: totals.predicted,
    deadLettered: totals.deadLettered,
    ...(hasScoredNothing(totals) && { nothingScored: describeNothingScored(topic, totals) }),
    failed: failed.length,
    rowsPerSecond: recent.rowsPerSecond(Date.now()),
    failures: failed.slice(0, LISTED_FAILURES).map(({ batch, ranges, reason }) => ({
      batch,
      place: describeRanges(topic, ranges),
      reason,
    })),
    recent: recent.newest(),
  };
}

function stateOfStream(
  window: MicroBatchWindow,
  isAsking: boolean,
  isTroubled: boolean,
): StreamProgress['state'] {
  const isStopping = window.isStopping();
  const state = stateOf({
    isAsking: isAsking && !isStopping,
    isPaused: window.isPaused() && !isStopping,
    isTroubled,
  });
  if (state === 'NeedsAttention') return 'needs attention';
  if (state === 'Paused') return 'paused';
  return isStopping ? 'stopping' : 'running';
}

/** Nothing moves until an operator retries or skips the failed micro-batches. */
export function isAsking(window: MicroBatchWindow): boolean {
  return window.failed().length > 0 && window.isIdle() && !window.isStopping();
}

/**
 * Answers the query `progress`.
 *
 * @returns a function that shows the progress in the UI's current details and search attributes; when an operator is
 *   needed, it signals the run that started the stream and sends a notification
 */
export function createStreamView(
  context: WorkflowContext,
  progress: () => StreamProgress,
  asks: () => boolean,
): () => void {
  let shownState: PipelineState = 'Running';
  let shownAttention: string | null = null;
  setHandler(progressQuery, progress, {
    description: 'State, micro-batches, rows, rate; of a continuous stream also its model, position and lag',
  });

  function show(): void {
    const now = progress();
    setCurrentDetails(streamToMarkdown(now));
    const state = PIPELINE_STATE[now.state];
    if (state !== shownState) context.setAttributes({ PipelineState: state });
    shownState = state;
    const attention = asks() ? describeAttention(now) : null;
    if (attention === shownAttention) return;
    shownAttention = attention;
    void signalParent(attention);
    context.ask(attention);
  }

  showTrouble(show);
  return show;
}

function describeAttention({ failed, failures, nothingScored }: StreamProgress): string {
  if (failed === 0 && nothingScored !== undefined) return nothingScored;
  const [first] = failures;
  return (
    `${failed} failed micro-batch${failed === 1 ? '' : 'es'}, the first: batch ${first?.batch}: ${first?.reason}. ` +
    'Send the update "retryFailed" or "skipFailed" to the stream, or use "imdb repair"'
  );
}
