import Table from 'cli-table3';
import {
  type ContinuousPosition,
  describeModelInUse,
  type RecentBatch,
  type StreamProgress,
} from '../../domain/run/progress.ts';
import type { ContinuousResult, ScoreStreamResult } from '../../domain/run/step-results.ts';
import { NO_WORKER, type NoAnswer } from '../shared/client.ts';

export type StreamResult = ContinuousResult | ScoreStreamResult;

const number = new Intl.NumberFormat('en-US');

/** How a stream ended, for people. */
export function streamSummary(workflowId: string, result: StreamResult): string {
  const { predicted, deadLettered, batches } = result;
  const lines = [
    `${number.format(predicted)} rows predicted, ${number.format(deadLettered)} dead-lettered in ` +
      `${number.format(batches)} micro-batches`,
  ];
  return [...lines, ...('finished' in result ? continuous(workflowId, result) : ranges(result))].join('\n');
}

function continuous(
  workflowId: string,
  { topic, finished, lag, failed, skipped }: ContinuousResult,
): string[] {
  const places = finished.map(({ partition, offset }) => `${topic}[${partition}]@${offset}`);
  return [
    ...(skipped > 0 ? [`Micro-batches left out by an operator: ${number.format(skipped)}`] : []),
    ...(failed.length > 0
      ? [`Failed and not repaired, ${failed.length}; the next start scores them again:`]
      : []),
    ...failed.map(({ batch, reason }) => `  batch ${batch}: ${reason}`),
    `The next start of "${workflowId}" goes on at ${places.join(', ') || 'the start'}` +
      (lag === null ? '' : `; lag ${number.format(lag)}`),
  ];
}

function ranges({ skipped = [] }: ScoreStreamResult): string[] {
  return [
    ...(skipped.length > 0 ? ['Left out by an operator:'] : []),
    ...skipped.map(({ batch, reason }) => `  batch ${batch}: ${reason}`),
  ];
}

/** In a log, a stream that runs for days must not be a line a second. */
const PLAIN_INTERVAL_MS = 10_000;
const CLEAR_LINE = '\r\u001B[K';

interface StreamView {
  readonly update: (progress: StreamProgress | NoAnswer, waitsFor: readonly string[]) => void;
  readonly end: () => void;
}

/** Shows a stream as it goes: on a terminal in one line that changes, else in a line now and then. */
export function createStreamView(workflowId: string, out: NodeJS.WriteStream): StreamView {
  let shown = '';
  let shownState = '';
  let shownAtMs = 0;
  let failing = '';

  function showLine(text: string, state: string): void {
    if (out.isTTY) {
      out.write(CLEAR_LINE + text.slice(0, out.columns - 1));
      return;
    }
    if (text === shown || (state === shownState && Date.now() - shownAtMs < PLAIN_INTERVAL_MS)) return;
    out.write(`${text}\n`);
    [shown, shownState, shownAtMs] = [text, state, Date.now()];
  }

  function showNote(lines: readonly string[]): void {
    out.write((out.isTTY ? CLEAR_LINE : '') + lines.map((line) => `${line}\n`).join(''));
  }

  return {
    update(progress, waitsFor) {
      if (progress === 'no worker') showLine(NO_WORKER, progress);
      else if (progress === 'opening') showLine(['opening', ...waitsFor].join(': '), waitsFor.join());
      else {
        const note = repairText(workflowId, progress);
        if (note.length > 0 && note.join() !== failing) showNote(note);
        failing = note.join();
        showLine(streamLine(progress), `${progress.state} ${progress.failed}`);
      }
    },
    end() {
      if (out.isTTY) out.write(CLEAR_LINE);
    },
  };
}

/** A line between all rows is more frame than content. */
const COMPACT = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' } as const;
/** A long topic has more partitions than anyone reads; those furthest behind come first. */
const MAX_SHOWN_PARTITIONS = 24;

/** A stream in progress, in one line. */
export function streamLine(progress: StreamProgress): string {
  const { state, batches, done, failed, skipped, predicted, deadLettered, rowsPerSecond, position } =
    progress;
  return [
    state,
    `${number.format(done)} of ${number.format(batches)} micro-batches done`,
    ...(failed > 0 ? [`${number.format(failed)} failed`] : []),
    ...(skipped > 0 ? [`${number.format(skipped)} skipped`] : []),
    `${number.format(predicted)} rows predicted`,
    ...(deadLettered > 0 ? [`${number.format(deadLettered)} dead-lettered`] : []),
    `${number.format(rowsPerSecond)} rows/s`,
    ...(position ? [`lag ${number.format(position.lag)}`] : []),
  ].join(' · ');
}

/** A stream in progress, in all its numbers. @param workflowId that the command to repair it names */
export function streamTable(workflowId: string, progress: StreamProgress): string {
  const { state, batches, done, failed, skipped, predicted, deadLettered, rowsPerSecond, position, recent } =
    progress;
  const table = newTable();
  table.push(
    ['state', state],
    [
      'micro-batches',
      `${number.format(done)} of ${number.format(batches)} done, ${number.format(failed)} failed, ${number.format(skipped)} skipped`,
    ],
    ['rows', `${number.format(predicted)} predicted, ${number.format(deadLettered)} dead-lettered`],
    ['rows/s', `${number.format(rowsPerSecond)} in the last minute`],
    ...(position
      ? [['lag', `${number.format(position.lag)}, as of ${position.lookedAt ?? 'the start'}`]]
      : []),
    ...(progress.model ? [['model', describeModelInUse(progress.model)]] : []),
  );
  return [
    table.toString(),
    ...(position ? [partitionTable(position)] : []),
    ...(recent.length > 0 ? [recentTable(recent)] : []),
    ...repairText(workflowId, progress),
    ...(state === 'paused' ? [`paused: go on with "imdb resume ${workflowId}"`] : []),
  ].join('\n');
}

/** The failed micro-batches, each in a line, and what to do about them. */
export function repairText(
  workflowId: string,
  { failed, failures }: Pick<StreamProgress, 'failed' | 'failures'>,
): string[] {
  if (failed === 0) return [];
  const more = failed - failures.length;
  return [
    `${number.format(failed)} failed micro-batch${failed === 1 ? '' : 'es'}:`,
    ...failures.map(({ batch, place, reason }) => `  batch ${batch}, ${place}: ${reason}`),
    ...(more > 0 ? [`  … and ${number.format(more)} more`] : []),
    `Mend the cause, then "imdb repair ${workflowId} --retry"; or leave them out for good with --skip. ` +
      'Batches may be named, e.g. ' +
      `--retry ${failures[0]?.batch ?? 0}`,
  ];
}

function partitionTable({ topic, partitions }: ContinuousPosition): string {
  const table = newTable([topic, 'finished', 'end', 'lag']);
  const byLag = partitions
    .map((partition) => ({ ...partition, lag: Math.max(0, partition.end - partition.finished) }))
    .sort((a, b) => b.lag - a.lag || a.partition - b.partition)
    .slice(0, MAX_SHOWN_PARTITIONS)
    .sort((a, b) => a.partition - b.partition);
  for (const { partition, finished, end, lag } of byLag) {
    table.push([String(partition), ...[finished, end, lag].map((count) => number.format(count))]);
  }
  const hidden = partitions.length - byLag.length;
  return table.toString() + (hidden > 0 ? `\n… and ${hidden} partitions that are less behind` : '');
}

function recentTable(recent: readonly RecentBatch[]): string {
  const hasModels = recent.some(({ model }) => model !== undefined);
  const table = newTable(['batch', 'place', 'rows', 'seconds', ...(hasModels ? ['model'] : [])]);
  for (const { batch, place, rows, seconds, model = '' } of recent) {
    const cells = [String(batch), place, number.format(rows), seconds.toFixed(1)];
    table.push([...cells, ...(hasModels ? [model] : [])]);
  }
  return table.toString();
}

function newTable(head: string[] = []) {
  return new Table({ chars: COMPACT, head, style: { head: [], border: [] } });
}
