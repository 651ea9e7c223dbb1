import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';
import type { StepProgress } from '../../domain/run/progress.ts';
import { PIPELINE_STEPS, type PipelineStep } from '../../domain/run/steps.ts';
import { operatorNotes } from '../shared/failures.ts';
import type { RunSnapshot } from './watch.ts';

/** Shows a run as it goes; `update` takes every snapshot, `end` settles what is still shown as running. */
export interface ProgressView {
  readonly update: (snapshot: RunSnapshot) => void;
  readonly end: (outcome: 'completed' | 'failed') => Promise<void>;
}

export function createProgressView(stream: NodeJS.WriteStream, workflowId: string): ProgressView {
  const notesOf = (run: RunSnapshot) => operatorNotes(workflowId, run);
  return stream.isTTY ? createLiveView(notesOf) : createPlainView(stream, notesOf);
}

type NotesOf = (run: RunSnapshot) => readonly string[];

/** A line per finished step; scoring also tells every tenth of its micro-batches. */
function createPlainView(stream: NodeJS.WriteStream, notesOf: NotesOf): ProgressView {
  const shown = new Set<PipelineStep>();
  let tenths = 0;
  let noted = '';
  return {
    update(run) {
      const { steps, stream: scoring } = run;
      const note = notesOf(run)
        .map((line) => `  ${line}\n`)
        .join('');
      if (note !== noted) stream.write(note || '  goes on\n');
      noted = note;
      for (const progress of steps) {
        if (shown.has(progress.step) || (progress.state !== 'done' && progress.state !== 'failed')) continue;
        shown.add(progress.step);
        stream.write(`${progress.state === 'done' ? '✔' : '✖'} ${describeStep(progress)}\n`);
      }
      if (!scoring || scoring.batches === 0) return;
      const reached = Math.floor((10 * scoring.done) / scoring.batches);
      if (reached > tenths)
        stream.write(`  score stream: ${scoring.done} of ${scoring.batches} micro-batches\n`);
      tenths = reached;
    },
    end: async () => undefined,
  };
}

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

function createLiveView(notesOf: NotesOf): ProgressView {
  const waiting = new Map<PipelineStep, (progress: StepProgress | Error) => void>();
  const running = new Map<PipelineStep, Task>();
  const seen = new Map<PipelineStep, StepProgress>();
  let hasOutput = false;

  async function follow(step: PipelineStep, task: Task): Promise<void> {
    running.set(step, task);
    const known = seen.get(step);
    const settled = isSettled(known)
      ? known
      : await new Promise<StepProgress | Error>((resolve) => waiting.set(step, resolve));
    if (settled instanceof Error) throw settled;
    task.title = describeStep(settled);
    if (settled.state === 'failed') throw new Error(describeStep(settled));
  }

  const list = new Listr(
    PIPELINE_STEPS.map((step) => ({ title: step, task: (_, task) => follow(step, task as Task) })),
    { rendererOptions: { showErrorMessage: false, collapseErrors: false } },
  );
  const finished = list.run().catch(() => undefined);

  return {
    update(run) {
      const { steps, stream } = run;
      for (const progress of steps) {
        seen.set(progress.step, progress);
        if (isSettled(progress)) waiting.get(progress.step)?.(progress);
      }
      const bar = stream ? [progressBar(stream.done, stream.batches)] : [];
      const lines = [...bar, ...notesOf(run)];
      // A paused run stands between two steps; the list shows the next one as begun.
      const current = [...running].findLast(([step]) => !isSettled(seen.get(step)))?.[1];
      if (current && (lines.length > 0 || hasOutput)) current.output = lines.join('\n');
      hasOutput = lines.length > 0;
    },
    async end(outcome) {
      // A failed run leaves later steps undone; a completed one may have outrun the last snapshot.
      const rest = outcome === 'failed' ? new Error('not reached') : undefined;
      for (const [step, resolve] of waiting) resolve(rest ?? seen.get(step) ?? new Error('not seen'));
      await finished;
    },
  };
}

function isSettled(progress: StepProgress | undefined): progress is StepProgress {
  return progress?.state === 'done' || progress?.state === 'failed';
}

const STEP_WIDTH = Math.max(...PIPELINE_STEPS.map((step) => step.length));

export function describeStep({ step, state, detail, seconds }: StepProgress): string {
  return `${step.padEnd(STEP_WIDTH)}  ${state === 'failed' ? 'failed' : detail}  (${seconds.toFixed(1)} s)`;
}

const BAR_WIDTH = 30;

function progressBar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((BAR_WIDTH * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done} of ${total} micro-batches`;
}
