import type { Client } from '@temporalio/client';
import type { StreamProgress } from '../../domain/run/progress.ts';
import { queryProgress } from '../shared/client.ts';
import { untilSignal } from '../shared/exit.ts';
import { follow, type FollowView, type StartedWorkflow } from '../shared/follow.ts';
import { repairText, streamLine, type StreamResult } from './text.ts';

/**
 * Shows the progress of a stream until it ends.
 *
 * @returns undefined when Ctrl-C came before the end
 * @throws RunFailed, UsageError
 */
export async function followStream(
  client: Client,
  started: StartedWorkflow,
  out: NodeJS.WriteStream,
): Promise<StreamResult | undefined> {
  const { handle } = started;
  const { workflowId } = handle;
  const result = await follow<StreamProgress, StreamResult>(client, started, {
    query: () => queryProgress<StreamProgress>(client, handle),
    markOf: markOfStream,
    view: createStreamView(workflowId, out),
    left: untilSignal(),
  });
  if (!result) {
    out.write(
      `${workflowId} is still running: see "imdb stream status ${workflowId}", "imdb stream stop ${workflowId}"\n`,
    );
  }
  return result;
}

/** Changes whenever the stream makes progress. An idle stream counts as progressing while it polls its topic. */
function markOfStream({ state, batches, done, failed, skipped, position }: StreamProgress): string {
  return JSON.stringify([state, batches, done, failed, skipped, position?.lookedAt]);
}

/** In a log, a stream that runs for days must not write a line each second. */
const PLAIN_INTERVAL_MS = 10_000;
const CLEAR_LINE = '\r\u001B[K';

/** On a terminal one line that is rewritten; elsewhere a line at most every ten seconds. */
export function createStreamView(workflowId: string, out: NodeJS.WriteStream): FollowView<StreamProgress> {
  let shown = '';
  let shownState = '';
  let shownAtMs = 0;
  let failing = '';
  let awaited = '';

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
    update(progress) {
      const note = repairText(workflowId, progress);
      if (note.length > 0 && note.join() !== failing) showNote(note);
      failing = note.join();
      showLine(streamLine(progress), `${progress.state} ${progress.failed}`);
    },
    waitFor(lines) {
      if (lines.length > 0 && lines.join() !== awaited) showNote(lines.map((line) => `  ${line}`));
      awaited = lines.join();
    },
    end() {
      if (out.isTTY) out.write(CLEAR_LINE);
    },
  };
}
