import { toProse } from '../markdown.ts';
import type { PipelineStep } from './steps.ts';

export interface StepProgress {
  readonly step: PipelineStep;
  readonly state: 'pending' | 'running' | 'done' | 'failed' | 'cancelled';
  /** What it did, with numbers; empty until it is done. */
  readonly detail: string;
  /** In which its activities ran, attempts that failed included; of a running step: so far. */
  readonly seconds: number;
  /** ISO 8601; absent when it is pending. */
  readonly begunAt?: string;
  /** The event that a reset to this step names in the UI's dialog, a `WorkflowTaskCompleted`; absent when it is pending. */
  readonly resetEventId?: number;
}

/** Answer of `ratingPipeline`'s query `progress`. */
export interface PipelineProgress {
  readonly isPaused?: boolean;
  /** Why the run needs an operator. */
  readonly attention?: string;
  /** Why it, or its training, has not begun. */
  readonly waiting?: string;
  /** It continues by itself when the cause is fixed, without an answer of the operator. */
  readonly isRetried?: boolean;
  readonly steps: readonly StepProgress[];
}

export interface FailedBatchView {
  readonly batch: number;
  /** `a1[0]@700..799` */
  readonly place: string;
  readonly reason: string;
}

/** Answer of `scoreStream`'s query `progress`. */
export interface StreamProgress {
  /** `needs attention`: work is retried without success, or waits until an operator repairs micro-batches. */
  readonly state: 'running' | 'paused' | 'stopping' | 'needs attention';
  /** Which work is retried without success, why, and what to do. */
  readonly trouble?: string;
  /** Planned so far; of a range: all. */
  readonly batches: number;
  readonly done: number;
  readonly failed: number;
  readonly skipped: number;
  readonly predicted: number;
  readonly deadLettered: number;
  /** Why, while every record was dead-lettered. */
  readonly nothingScored?: string;
  /** Over the last minute. */
  readonly rowsPerSecond: number;
  /** The first of them. */
  readonly failures: readonly FailedBatchView[];
  /** Newest last. */
  readonly recent: readonly RecentBatch[];
  /** Of a continuous stream. */
  readonly model?: ModelInUse;
  /** Of a continuous stream that has polled its topic. */
  readonly position?: ContinuousPosition;
}

export interface RecentBatch {
  readonly batch: number;
  readonly place: string;
  readonly rows: number;
  readonly seconds: number;
  /** Version, where micro-batches may differ in it. */
  readonly model?: string;
}

export interface ModelInUse {
  /** Of the newest micro-batch. */
  readonly version: string;
  /** `imdb-score@champion`; absent when the stream keeps its model. */
  readonly follows?: string;
}

export interface ContinuousPosition {
  readonly topic: string;
  /** Offsets between what is finished and the end, as of `lookedAt`. Markers of transactions count. */
  readonly lag: number;
  readonly lookedAt: string;
  readonly partitions: readonly {
    readonly partition: number;
    /** Everything before is finished. */
    readonly finished: number;
    readonly end: number;
  }[];
}

/** A large topic has more partitions than an operator reads. */
const MAX_SHOWN_PARTITIONS = 24;

export function streamToMarkdown(progress: StreamProgress): string {
  const {
    state,
    batches,
    done,
    failed,
    skipped,
    predicted,
    deadLettered,
    rowsPerSecond,
    failures,
    recent,
    position,
    model,
    trouble,
  } = progress;
  const hasModels = recent.some((batch) => batch.model !== undefined);
  const gone = skipped === 0 ? '' : `, ${skipped} skipped`;
  return [
    `**${state}** · ${done} of ${batches} micro-batches done, ${failed} failed${gone} · ` +
      `${predicted} rows predicted, ${deadLettered} dead-lettered · ${rowsPerSecond} rows/s over the last minute`,
    ...(trouble === undefined ? [] : [toProse(trouble)]),
    ...(progress.nothingScored === undefined ? [] : [toProse(progress.nothingScored)]),
    ...(model ? [`model ${describeModelInUse(model)}`] : []),
    ...(position ? [positionTable(position)] : []),
    ...(failures.length === 0
      ? []
      : [
          [
            '| failed batch | place | reason |',
            '| --: | --- | --- |',
            ...failures.map(({ batch, place, reason }) => `| ${batch} | ${place} | ${toProse(reason)} |`),
          ].join('\n'),
          'Send the update `retryFailed` or `skipFailed`, or use `imdb repair`.',
        ]),
    ...(recent.length === 0
      ? []
      : [
          [
            `| batch | place | rows | seconds |${hasModels ? ' model |' : ''}`,
            `| --: | --- | --: | --: |${hasModels ? ' --- |' : ''}`,
            ...recent.map(
              ({ batch, place, rows, seconds, model: version = '' }) =>
                `| ${batch} | ${place} | ${rows} | ${seconds.toFixed(1)} |${hasModels ? ` ${version} |` : ''}`,
            ),
          ].join('\n'),
        ]),
  ].join('\n\n');
}

/** `9a97ecc790a4, follows imdb-score@champion` */
export function describeModelInUse({ version, follows }: ModelInUse): string {
  return `${version}${follows === undefined ? '' : `, follows ${follows}`}`;
}

function positionTable({ topic, lag, lookedAt, partitions }: ContinuousPosition): string {
  return [
    `Lag ${lag}, as of ${lookedAt}`,
    '',
    `| ${topic} | finished | end |`,
    '| --: | --: | --: |',
    ...partitions
      .slice(0, MAX_SHOWN_PARTITIONS)
      .map(({ partition, finished, end }) => `| ${partition} | ${finished} | ${end} |`),
  ].join('\n');
}
