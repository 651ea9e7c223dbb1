import type { StreamProgress } from '../domain/progress.ts';
import { NO_WORKER, type NoAnswer } from './query-progress.ts';
import { repairText, streamLine } from './stream-text.ts';

/** In a log, a stream that runs for days must not be a line a second. */
const PLAIN_INTERVAL_MS = 10_000;
const CLEAR_LINE = '\r\u001B[K';

export interface StreamView {
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
