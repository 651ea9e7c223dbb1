import {
  CancellationScope,
  condition,
  defineQuery,
  getExternalWorkflowHandle,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RegressionMetrics } from '../../domain/model/metrics.ts';
import { PROGRESS_QUERY, streamWorkflowId } from '../../domain/names.ts';
import { busySeconds, type CallTimes, splitTimes } from '../../domain/run/call-times.ts';
import type { PipelineProgress, StepProgress } from '../../domain/run/progress.ts';
import { runDetails, type RunNotes } from '../../domain/run/run-details.ts';
import type { PipelineState } from '../../domain/run/search-attributes.ts';
import { COMMON_STEPS, type PipelineStep } from '../../domain/run/steps.ts';
import { describeTrouble, stateOf } from '../../domain/run/trouble.ts';
import type { Watch } from '../activities.ts';
import type { WorkflowContext } from '../context.ts';
import { asCancelled, timesOf } from '../failure.ts';
import { showTrouble, showWaits } from '../trouble/watch.ts';
import { attentionSignal, pauseSignal, resumeSignal } from '../stream/operator.ts';

const progressQuery = defineQuery<PipelineProgress>(PROGRESS_QUERY);

export interface StepWork<T> {
  readonly call: () => Promise<T>;
  /** Says with numbers what the step did. */
  readonly result: (result: T) => string;
}

interface TrackedStep extends Pick<StepProgress, 'begunAt' | 'resetEventId'> {
  readonly step: PipelineStep;
  state: StepProgress['state'];
  detail: string;
  /** Calls that have ended. */
  readonly calls: CallTimes[];
  /** When the newest call was made; null when no call is under way. */
  callingSince: string | null;
}

/**
 * Runs the steps of a run and shows its progress in the query `progress`, the UI's current details and search
 * attributes. Delays the next step while an operator pauses the run.
 */
export function createStepTracker({ setAttributes }: Pick<WorkflowContext, 'setAttributes'>) {
  const steps: TrackedStep[] = COMMON_STEPS.map(toPending);
  let notes: RunNotes = { metrics: [], links: [] };
  let current: TrackedStep | undefined;
  let isPaused = false;
  let question: string | null = null;
  let trouble: string | null = null;
  let waiting: string | null = null;
  let shownState: PipelineState = 'Running';

  function progress(): PipelineProgress {
    const attention = question ?? trouble;
    return {
      ...(isPaused && { isPaused }),
      ...(attention !== null && { attention }),
      ...(waiting !== null && { waiting }),
      ...(attention !== null && question === null && { isRetried: true }),
      steps: steps.map(({ calls, callingSince, ...step }) => ({
        ...step,
        seconds: busySeconds(callingSince === null ? calls : [...calls, { from: callingSince, to: now() }]),
      })),
    };
  }

  function show(more: Partial<RunNotes> = {}): void {
    notes = { ...notes, ...more };
    setCurrentDetails(runDetails(progress(), notes));
  }

  function showState(): void {
    const state = stateOf({ isAsking: question !== null, isPaused, isTroubled: trouble !== null });
    if (state !== shownState) setAttributes({ PipelineState: state });
    shownState = state;
    show();
  }

  /** @param text what only an operator can decide; null when there is nothing */
  function setAttention(text: string | null): void {
    question = text;
    showState();
  }

  /** @param text why the run, or its training, has not begun; null when it begins */
  function setWaiting(text: string | null): void {
    if (text === waiting) return;
    waiting = text;
    show();
  }

  async function setPaused(paused: boolean): Promise<void> {
    isPaused = paused;
    showState();
    const isScoring = steps.some(({ step, state }) => step === 'score stream' && state === 'running');
    if (!isScoring) return;
    // A stream that has ended meanwhile needs no signal.
    await getExternalWorkflowHandle(streamWorkflowId(workflowInfo().workflowId))
      .signal(paused ? pauseSignal : resumeSignal)
      .catch(() => undefined);
  }

  // Before the handlers: a signal that came with the start is handled as soon as its handler is set.
  setAttributes({ PipelineState: shownState });
  setHandler(progressQuery, progress, { description: 'Every step with its state, result and seconds' });
  setHandler(pauseSignal, () => setPaused(true), {
    description: 'Start no further step or micro-batch until "resume"',
  });
  setHandler(resumeSignal, () => setPaused(false), { description: 'Continue after "pause"' });
  setHandler(attentionSignal, setAttention);
  showTrouble((found) => {
    trouble = found && describeTrouble(found);
    showState();
  });

  showWaits(setWaiting);

  /** Measures a call of the current step. */
  const watch: Watch = async (call) => {
    const from = now();
    const step = current;
    if (step) step.callingSince = from;
    try {
      const { result, took = { from, to: now() } } = splitTimes(await call());
      step?.calls.push(took);
      return result;
    } catch (error) {
      step?.calls.push(timesOf(error) ?? { from, to: now() });
      throw error;
    }
  };

  return {
    setAttention,
    setWaiting,
    watch,
    show,

    async step<T>(name: PipelineStep, { call, result: describe }: StepWork<T>): Promise<T> {
      const tracked = steps.find(({ step }) => step === name) as TrackedStep;
      if (isPaused) await condition(() => !isPaused);
      // Otherwise it would begin after the request, which a reset to its event would repeat.
      await throwIfCancelled();
      current = Object.assign(tracked, {
        state: 'running',
        begunAt: now(),
        resetEventId: currentTaskCompleted(),
      });
      setAttributes({ PipelineStep: name });
      show();
      try {
        const result = await call();
        Object.assign(tracked, { state: 'done', detail: describe(result), callingSince: null });
        return result;
      } catch (failure) {
        const error = asCancelled(failure);
        Object.assign(tracked, {
          state: isCancellation(error) ? 'cancelled' : 'failed',
          callingSince: null,
        });
        throw error;
      } finally {
        setAttention(null);
      }
    },

    /** Of the steps that are done. */
    seconds: (): Record<string, number> =>
      Object.fromEntries(
        progress()
          .steps.filter(({ state }) => state === 'done')
          .map((done) => [done.step, done.seconds]),
      ),

    /** A step that runs with another setting lack. */
    addStep(name: PipelineStep): void {
      steps.push(toPending(name));
    },

    showMetrics(of: string, values: RegressionMetrics): void {
      show({ metrics: [...notes.metrics, [of, values]] });
    },

    showLink(text: string, url: string): void {
      show({ links: [...notes.links, [text, url]] });
    },
  };
}

export type StepTracker = ReturnType<typeof createStepTracker>;

function toPending(step: PipelineStep): TrackedStep {
  return { step, state: 'pending', detail: '', calls: [], callingSince: null };
}

function now(): string {
  return new Date().toISOString();
}

async function throwIfCancelled(): Promise<void> {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
}

/** The event that completes the current workflow task: the newest event so far is its start. */
function currentTaskCompleted(): number {
  return workflowInfo().historyLength + 1;
}
