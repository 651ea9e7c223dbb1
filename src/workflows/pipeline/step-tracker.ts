import {
  condition,
  defineQuery,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { RegressionMetrics } from '../../domain/model/metrics.ts';
import { PROGRESS_QUERY, streamWorkflowId } from '../../domain/names.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { PipelineProgress, StepProgress } from '../../domain/run/progress.ts';
import { runDetails } from '../../domain/run/run-details.ts';
import type { PipelineState } from '../../domain/run/search-attributes.ts';
import { PIPELINE_STEPS, type PipelineStep } from '../../domain/run/steps.ts';
import { describeTrouble, stateOf } from '../../domain/run/trouble.ts';
import type { WorkflowContext } from '../context.ts';
import { showTrouble } from '../trouble/watch.ts';
import { attentionSignal, pauseSignal, resumeSignal } from '../stream/operator.ts';

const progressQuery = defineQuery<PipelineProgress>(PROGRESS_QUERY);

export interface StepWork<T> {
  readonly call: () => Promise<T>;
  /** Says with numbers what the step did. */
  readonly result: (result: T) => string;
}

interface TrackedStep {
  readonly step: PipelineStep;
  state: StepProgress['state'];
  detail: string;
  startedAtMs: number;
  endedAtMs: number | null;
}

/**
 * Runs the steps of a run and shows its progress in the query `progress`, the UI's current details and search
 * attributes. Delays the next step while an operator pauses the run.
 */
export function createStepTracker(
  input: PipelineInput,
  { setAttributes }: Pick<WorkflowContext, 'setAttributes'>,
) {
  const steps: TrackedStep[] = PIPELINE_STEPS.map((step) => ({
    step,
    state: 'pending',
    detail: '',
    startedAtMs: 0,
    endedAtMs: null,
  }));
  const metrics: (readonly [of: string, metrics: RegressionMetrics])[] = [];
  const links: (readonly [text: string, url: string])[] = [];
  let isPaused = false;
  let question: string | null = null;
  let trouble: string | null = null;
  let shownState: PipelineState = 'Running';

  function progress(): PipelineProgress {
    const attention = question ?? trouble;
    return {
      ...(isPaused && { isPaused }),
      ...(attention !== null && { attention }),
      ...(attention !== null && question === null && { isRetried: true }),
      steps: steps.map(({ step, state, detail, startedAtMs, endedAtMs }) => ({
        step,
        state,
        detail,
        seconds: state === 'pending' ? 0 : ((endedAtMs ?? Date.now()) - startedAtMs) / 1000,
      })),
    };
  }

  function show(): void {
    setCurrentDetails(runDetails(progress(), { input, metrics, links }));
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

  return {
    setAttention,

    async step<T>(name: PipelineStep, { call, result: describe }: StepWork<T>): Promise<T> {
      const tracked = steps.find(({ step }) => step === name) as TrackedStep;
      if (isPaused) await condition(() => !isPaused);
      Object.assign(tracked, { state: 'running', startedAtMs: Date.now() });
      setAttributes({ PipelineStep: name });
      show();
      try {
        const result = await call();
        Object.assign(tracked, { state: 'done', detail: describe(result) });
        return result;
      } catch (error) {
        tracked.state = 'failed';
        throw error;
      } finally {
        tracked.endedAtMs = Date.now();
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

    showMetrics(of: string, values: RegressionMetrics): void {
      metrics.push([of, values]);
      show();
    },

    showLink(text: string, url: string): void {
      links.push([text, url]);
      show();
    },
  };
}

export type StepTracker = ReturnType<typeof createStepTracker>;
