import {
  type ContinuousPosition,
  describeModelInUse,
  type RecentBatch,
  type StreamProgress,
} from '../../domain/run/progress.ts';
import type { ContinuousResult, ScoreStreamResult } from '../../domain/run/step-results.ts';
import { counted } from '../../domain/text.ts';
import { number, table } from '../shared/output.ts';

export type StreamResult = ContinuousResult | ScoreStreamResult;

/** How a stream ended, for people. */
export function streamSummary(workflowId: string, result: StreamResult): string {
  const { predicted, deadLettered, batches } = result;
  const totals = `${number(predicted)} rows predicted, ${number(deadLettered)} dead-lettered in ${number(batches)} micro-batches`;
  return [totals, ...('finished' in result ? continuous(workflowId, result) : ranges(result))].join('\n');
}

function continuous(
  workflowId: string,
  { topic, finished, lag, failed, skipped }: ContinuousResult,
): string[] {
  const places = finished.map(({ partition, offset }) => `${topic}[${partition}]@${offset}`);
  return [
    ...(skipped > 0 ? [`Micro-batches skipped by an operator: ${number(skipped)}`] : []),
    ...(failed.length > 0
      ? [`Failed and not repaired, ${failed.length}; the next start scores them again:`]
      : []),
    ...failed.map(({ batch, reason }) => `  batch ${batch}: ${reason}`),
    `The next start of "${workflowId}" continues at ${places.join(', ') || 'the start'}` +
      (lag === null ? '' : `; lag ${number(lag)}`),
  ];
}

function ranges({ skipped }: ScoreStreamResult): string[] {
  if (!skipped) return [];
  return [
    `Micro-batches skipped by an operator: ${number(skipped.batches)}`,
    ...skipped.first.map(({ batch, reason }) => `  batch ${batch}: ${reason}`),
  ];
}

/** A topic may have hundreds of partitions; those with the largest lag are shown. */
const MAX_SHOWN_PARTITIONS = 24;

/** A stream in progress, in one line. */
export function streamLine(progress: StreamProgress): string {
  const { state, batches, done, failed, skipped, predicted, deadLettered, rowsPerSecond, position } =
    progress;
  return [
    state,
    `${number(done)} of ${number(batches)} micro-batches done`,
    ...(failed > 0 ? [`${number(failed)} failed`] : []),
    ...(skipped > 0 ? [`${number(skipped)} skipped`] : []),
    `${number(predicted)} rows predicted`,
    ...(deadLettered > 0 ? [`${number(deadLettered)} dead-lettered`] : []),
    `${number(rowsPerSecond)} rows/s`,
    ...(position ? [`lag ${number(position.lag)}`] : []),
  ].join(' · ');
}

/** A stream in progress, in all its numbers. @param workflowId for the commands that it names */
export function streamTable(workflowId: string, progress: StreamProgress): string {
  const { state, batches, done, failed, skipped, predicted, deadLettered, rowsPerSecond, position, recent } =
    progress;
  const rows = [
    ['state', state],
    [
      'micro-batches',
      `${number(done)} of ${number(batches)} done, ${number(failed)} failed, ${number(skipped)} skipped`,
    ],
    ['rows', `${number(predicted)} predicted, ${number(deadLettered)} dead-lettered`],
    ['rows/s', `${number(rowsPerSecond)} in the last minute`],
    ...(position ? [['lag', `${number(position.lag)}, as of ${position.lookedAt}`]] : []),
    ...(progress.model ? [['model', describeModelInUse(progress.model)]] : []),
  ];
  return [
    table(rows),
    ...(progress.trouble === undefined ? [] : [`needs attention: ${progress.trouble}`]),
    ...(position ? [partitionTable(position)] : []),
    ...(recent.length > 0 ? [recentTable(recent)] : []),
    ...(progress.nothingScored === undefined ? [] : [progress.nothingScored]),
    ...repairText(workflowId, progress),
    ...(state === 'paused' ? [`paused: continue with "imdb resume ${workflowId}"`] : []),
  ].join('\n');
}

/** The failed micro-batches, each in a line, and what to do about them. */
export function repairText(
  workflowId: string,
  { failed, failures }: Pick<StreamProgress, 'failed' | 'failures'>,
): string[] {
  if (failed === 0) return [];
  const more = failed - failures.length;
  const example = failures[0]?.batch ?? 0;
  return [
    `${counted(failed, 'failed micro-batch')}:`,
    ...failures.map(({ batch, place, reason }) => `  batch ${batch}, ${place}: ${reason}`),
    ...(more > 0 ? [`  … and ${number(more)} more`] : []),
    `Fix the cause, then "imdb repair ${workflowId} --retry"; or leave them out for good with --skip. ` +
      `To repair some of them, name their batches: --retry ${example}`,
  ];
}

function partitionTable({ topic, partitions }: ContinuousPosition): string {
  const shown = partitions
    .map((partition) => ({ ...partition, lag: Math.max(0, partition.end - partition.finished) }))
    .sort((a, b) => b.lag - a.lag || a.partition - b.partition)
    .slice(0, MAX_SHOWN_PARTITIONS)
    .sort((a, b) => a.partition - b.partition);
  const rows = shown.map(({ partition, finished, end, lag }) => [
    String(partition),
    number(finished),
    number(end),
    number(lag),
  ]);
  const hidden = partitions.length - shown.length;
  return (
    table(rows, { head: [topic, 'finished', 'end', 'lag'] }) +
    (hidden > 0 ? `\n… and ${hidden} partitions with less lag` : '')
  );
}

function recentTable(recent: readonly RecentBatch[]): string {
  const hasModels = recent.some(({ model }) => model !== undefined);
  const rows = recent.map(({ batch, place, rows: scored, seconds, model = '' }) => [
    String(batch),
    place,
    number(scored),
    seconds.toFixed(1),
    ...(hasModels ? [model] : []),
  ]);
  return table(rows, { head: ['batch', 'place', 'rows', 'seconds', ...(hasModels ? ['model'] : [])] });
}
