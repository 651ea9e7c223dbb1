import { defineQuery, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { PROGRESS_QUERY } from '../../domain/names.ts';
import { describeRanges } from '../../domain/log/offsets.ts';
import {
  streamToMarkdown,
  type ContinuousPosition,
  type ModelInUse,
  type RecentBatch,
  type StreamProgress,
} from '../../domain/run/progress.ts';
import type { PipelineState } from '../../domain/run/search-attributes.ts';
import type { MicroBatchWindow } from './window.ts';
import { tellParent } from './operator.ts';
import type { WorkflowContext } from '../context.ts';

const progressQuery = defineQuery<StreamProgress>(PROGRESS_QUERY);
/** Enough to see the pattern; a payload stays small. */
const LISTED = 10;
const RATE_WINDOW_MS = 60_000;

const STATE_OF: Readonly<Record<StreamProgress['state'], PipelineState>> = {
  running: 'Running',
  stopping: 'Running',
  paused: 'Paused',
  'needs attention': 'NeedsAttention',
};

interface Viewed {
  readonly context: WorkflowContext;
  readonly topic: string;
  readonly window: MicroBatchWindow;
  readonly totals: () => Pick<StreamProgress, 'batches' | 'done' | 'skipped' | 'predicted' | 'deadLettered'>;
  readonly position?: () => ContinuousPosition;
  readonly isStopping?: () => boolean;
  readonly model?: () => ModelInUse;
}

/** Shows a stream: the query `progress`, the UI's current details, and a word to the run that started it. */
export function createStreamView({ context, topic, window, totals, position, isStopping, model }: Viewed) {
  const startedAtMs = Date.now();
  const recent: (RecentBatch & { readonly atMs: number })[] = [];
  let attention: string | null = null;
  let shownState: PipelineState = 'Running';

  function rowsPerSecond(): number {
    const now = Date.now();
    const since = Math.max(startedAtMs, now - RATE_WINDOW_MS);
    const counted = recent.filter(({ atMs }) => atMs >= since).reduce((sum, { rows }) => sum + rows, 0);
    return Math.round(counted / Math.max(1, (now - since) / 1_000));
  }

  function state(): StreamProgress['state'] {
    if (isStopping?.()) return 'stopping';
    if (window.failed.size > 0 && window.isIdle()) return 'needs attention';
    return window.isPaused() ? 'paused' : 'running';
  }

  function progress(): StreamProgress {
    return {
      state: state(),
      ...totals(),
      failed: window.failed.size,
      rowsPerSecond: rowsPerSecond(),
      failures: [...window.failed.values()].slice(0, LISTED).map(({ batch, ranges = [], reason }) => ({
        batch,
        place: describeRanges(topic, ranges),
        reason,
      })),
      recent: recent.slice(-LISTED).map(({ atMs: _atMs, ...batch }) => batch),
      ...(position && { position: position() }),
      ...(model && { model: model() }),
    };
  }
  setHandler(progressQuery, progress, {
    description: 'State, micro-batches, rows, rate; of a continuous stream also its model, position and lag',
  });

  return {
    done(batch: RecentBatch): void {
      const atMs = Date.now();
      recent.push({ ...batch, atMs });
      while (recent.length > LISTED && (recent[0]?.atMs ?? atMs) < atMs - RATE_WINDOW_MS) recent.shift();
    },
    show(): void {
      const now = progress();
      setCurrentDetails(streamToMarkdown(now));
      const state = STATE_OF[now.state];
      if (state !== shownState) context.setAttributes({ PipelineState: state });
      shownState = state;
      const needed = now.state === 'needs attention' ? needsRepair(now) : null;
      if (needed === attention) return;
      attention = needed;
      void tellParent(needed);
      if (needed !== null) void context.notify('run.needs-attention', needed);
    },
  };
}

function needsRepair({ failed, failures }: StreamProgress): string {
  const [first] = failures;
  return (
    `${failed} failed micro-batch${failed === 1 ? '' : 'es'}, the first: batch ${first?.batch}: ${first?.reason}. ` +
    'Send the update "retryFailed" or "skipFailed" to the stream, or use "imdb repair"'
  );
}
