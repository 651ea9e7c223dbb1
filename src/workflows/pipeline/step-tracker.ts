import {
  condition,
  defineQuery,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { PROGRESS_QUERY, streamWorkflowId } from '../../domain/names.ts';
import type { PipelineProgress, StepProgress } from '../../domain/run/progress.ts';
import { PIPELINE_STEPS, type PipelineStep } from '../../domain/run/steps.ts';
import type { PipelineState } from '../../domain/run/search-attributes.ts';
import { attentionSignal, pauseSignal, resumeSignal } from '../stream/operator.ts';

const progressQuery = defineQuery<PipelineProgress>(PROGRESS_QUERY);

interface TrackedStep {
  readonly step: PipelineStep;
  state: StepProgress['state'];
  detail: string;
  startedAtMs: number;
  endedAtMs: number | null;
}

interface Followed {
  /** The UI's current details. */
  readonly describe: (progress: PipelineProgress) => string;
  readonly onState: (state: PipelineState) => void;
  readonly onStep: (step: PipelineStep) => void;
}

/** Follows the steps of a run for the query `progress`, the UI's current details, and the result's seconds. */
export function createStepTracker({ describe: describeRun, onState, onStep }: Followed) {
  const steps: TrackedStep[] = PIPELINE_STEPS.map((step) => ({
    step,
    state: 'pending',
    detail: '',
    startedAtMs: 0,
    endedAtMs: null,
  }));

  let isPaused = false;
  let attention: string | null = null;
  let shownState: PipelineState = 'Running';

  const progress = (): PipelineProgress => ({
    ...(isPaused && { isPaused }),
    ...(attention !== null && { attention }),
    steps: steps.map(({ step, state, detail, startedAtMs, endedAtMs }) => ({
      step,
      state,
      detail,
      seconds: state === 'pending' ? 0 : ((endedAtMs ?? Date.now()) - startedAtMs) / 1000,
    })),
  });
  setHandler(progressQuery, progress, { description: 'Every step with its state, result and seconds' });

  const show = (): void => {
    setCurrentDetails(describeRun(progress()));
  };
  const showState = (): void => {
    const state = attention !== null ? 'NeedsAttention' : isPaused ? 'Paused' : 'Running';
    if (state !== shownState) onState(state);
    shownState = state;
    show();
  };
  const setAttention = (text: string | null): void => {
    attention = text;
    showState();
  };
  const setPaused = async (paused: boolean): Promise<void> => {
    isPaused = paused;
    showState();
    const isScoring = steps.some(({ step, state }) => step === 'score stream' && state === 'running');
    if (!isScoring) return;
    // A stream that has ended meanwhile need not know.
    await getExternalWorkflowHandle(streamWorkflowId(workflowInfo().workflowId))
      .signal(paused ? pauseSignal : resumeSignal)
      .catch(() => undefined);
  };
  setHandler(pauseSignal, () => setPaused(true), {
    description: 'Begin no further step or micro-batch until "resume"',
  });
  setHandler(resumeSignal, () => setPaused(false), { description: 'Go on after "pause"' });
  setHandler(attentionSignal, setAttention);

  /** Runs one step; `describe` says with numbers what it did. */
  async function step<T>(
    name: PipelineStep,
    work: () => Promise<T>,
    describe: (result: T) => string,
  ): Promise<T> {
    const tracked = steps.find((candidate) => candidate.step === name) as TrackedStep;
    if (isPaused) await condition(() => !isPaused);
    Object.assign(tracked, { state: 'running', startedAtMs: Date.now() });
    onStep(name);
    show();
    try {
      const result = await work();
      Object.assign(tracked, { state: 'done', detail: describe(result) });
      return result;
    } catch (error) {
      tracked.state = 'failed';
      throw error;
    } finally {
      tracked.endedAtMs = Date.now();
      setAttention(null);
    }
  }

  const seconds = (): Record<string, number> =>
    Object.fromEntries(
      progress()
        .steps.filter(({ state }) => state === 'done')
        .map((done) => [done.step, done.seconds]),
    );

  return { step, seconds, setAttention, show };
}

export type StepTracker = ReturnType<typeof createStepTracker>;
