import { Listr, type ListrTaskWrapper, type DefaultRenderer, type SimpleRenderer } from 'listr2';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { streamWorkflowId } from '../../domain/names.ts';
import type { PipelineProgress, StepProgress, StreamProgress } from '../../domain/run/progress.ts';
import { COMMON_STEPS, PIPELINE_STEPS, type PipelineStep } from '../../domain/run/steps.ts';
import { type NoAnswer, queryProgress } from '../shared/client.ts';
import { operatorNotes } from '../shared/failures.ts';
import type { FollowView } from '../shared/follow.ts';

export interface RunSnapshot extends PipelineProgress {
  /** Of the stream, while it is being scored. */
  readonly stream?: StreamProgress;
}

export async function querySnapshot(client: Client, handle: WorkflowHandle): Promise<RunSnapshot | NoAnswer> {
  const progress = await queryProgress<PipelineProgress>(client, handle);
  if (typeof progress === 'string') return progress;
  const isScoring = progress.steps.some(({ step, state }) => step === 'score stream' && state === 'running');
  if (!isScoring) return progress;
  const stream = await queryStream(client, streamWorkflowId(handle.workflowId));
  return typeof stream === 'object' ? { ...progress, stream } : progress;
}

/** The run may be ahead of its stream, or already past it. */
async function queryStream(client: Client, workflowId: string): Promise<StreamProgress | undefined> {
  const answer = await queryProgress<StreamProgress>(client, client.workflow.getHandle(workflowId)).catch(
    () => undefined,
  );
  return typeof answer === 'object' ? answer : undefined;
}

/** Changes whenever the run makes progress. The seconds of a running step do not count as progress. */
export function markOfRun({ steps, stream, isPaused, attention, waiting }: RunSnapshot): string {
  return JSON.stringify([
    steps.map(({ state, detail }) => [state, detail]),
    [stream?.done, stream?.failed, stream?.skipped],
    [isPaused, attention, waiting],
  ]);
}

export function createRunView(stream: NodeJS.WriteStream, workflowId: string): FollowView<RunSnapshot> {
  const notesOf = (run: RunSnapshot) => operatorNotes(workflowId, run);
  return stream.isTTY ? createLiveView(notesOf) : createPlainView(stream, notesOf);
}

type NotesOf = (run: RunSnapshot) => readonly string[];

/** A line for each finished step and each tenth of the micro-batches. */
function createPlainView(stream: NodeJS.WriteStream, notesOf: NotesOf): FollowView<RunSnapshot> {
  const shown = new Set<PipelineStep>();
  let tenths = 0;
  let noted = '';
  let awaited = '';
  return {
    update(run) {
      const { steps, stream: scoring } = run;
      const note = toBlock(notesOf(run));
      if (note !== noted) stream.write(note || '  continues\n');
      noted = note;
      for (const progress of steps) {
        if (shown.has(progress.step) || !isSettled(progress)) continue;
        shown.add(progress.step);
        stream.write(`${progress.state === 'done' ? '✔' : '✖'} ${describeStep(progress)}\n`);
      }
      if (!scoring || scoring.batches === 0) return;
      const reached = Math.floor((10 * scoring.done) / scoring.batches);
      if (reached > tenths)
        stream.write(`  score stream: ${scoring.done} of ${scoring.batches} micro-batches\n`);
      tenths = reached;
    },
    waitFor(lines) {
      const block = toBlock(lines);
      if (block !== awaited) stream.write(block);
      awaited = block;
    },
    end: () => undefined,
  };
}

function toBlock(lines: readonly string[]): string {
  return lines.map((line) => `  ${line}\n`).join('');
}

type Task = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

function createLiveView(notesOf: NotesOf): FollowView<RunSnapshot> {
  const waiting = new Map<PipelineStep, (progress: StepProgress | Error) => void>();
  const running = new Map<PipelineStep, Task>();
  const seen = new Map<PipelineStep, StepProgress>();
  let notes: readonly string[] = [];
  let awaited: readonly string[] = [];
  let hasOutput = false;
  let finished: Promise<unknown> | undefined;

  async function follow(step: PipelineStep, task: Task): Promise<void> {
    running.set(step, task);
    const known = seen.get(step);
    const settled = isSettled(known)
      ? known
      : await new Promise<StepProgress | Error>((resolve) => waiting.set(step, resolve));
    if (settled instanceof Error) throw settled;
    task.title = describeStep(settled);
    if (settled.state !== 'done') throw new Error(describeStep(settled));
  }

  function showLines(): void {
    const lines = [...notes, ...awaited];
    // A paused run is between two steps; the list shows the next one as started.
    const current = [...running].findLast(([step]) => !isSettled(seen.get(step)))?.[1];
    if (current && (lines.length > 0 || hasOutput)) current.output = lines.join('\n');
    hasOutput = lines.length > 0;
  }

  /** @param names of the run's steps: some have more than others */
  function start(names: readonly PipelineStep[]): void {
    const list = new Listr(
      names.map((step) => ({ title: step, task: (_, task) => follow(step, task as Task) })),
      { rendererOptions: { showErrorMessage: false, collapseErrors: false } },
    );
    finished ??= list.run().catch(() => undefined);
  }

  return {
    update(run) {
      const { steps, stream } = run;
      if (!finished) start(steps.map(({ step }) => step));
      for (const progress of steps) {
        seen.set(progress.step, progress);
        if (isSettled(progress)) waiting.get(progress.step)?.(progress);
      }
      notes = [...(stream ? [progressBar(stream.done, stream.batches)] : []), ...notesOf(run)];
      showLines();
    },
    waitFor(lines) {
      awaited = lines;
      if (!finished) start(COMMON_STEPS);
      showLines();
    },
    async end(outcome) {
      // A failed run leaves later steps undone; a completed one may be ahead of the last snapshot.
      const rest = outcome === 'completed' ? undefined : new Error('not reached');
      for (const [step, resolve] of waiting) resolve(rest ?? seen.get(step) ?? new Error('not seen'));
      await finished;
    },
  };
}

function isSettled(progress: StepProgress | undefined): progress is StepProgress {
  return progress !== undefined && progress.state !== 'pending' && progress.state !== 'running';
}

const STEP_WIDTH = Math.max(...PIPELINE_STEPS.map((step) => step.length));

export function describeStep({ step, state, detail, seconds }: StepProgress): string {
  return `${step.padEnd(STEP_WIDTH)}  ${state === 'failed' || state === 'cancelled' ? state : detail}  (${seconds.toFixed(1)} s)`;
}

const BAR_WIDTH = 30;

function progressBar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.round((BAR_WIDTH * done) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done} of ${total} micro-batches`;
}
