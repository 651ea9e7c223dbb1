import { setCurrentDetails, setHandler, defineQuery } from '@temporalio/workflow';
import { PROGRESS_QUERY } from '../domain/names.ts';
import {
  PIPELINE_STEPS,
  toMarkdown,
  type PipelineProgress,
  type PipelineStep,
  type StepProgress,
} from '../domain/progress.ts';

const progressQuery = defineQuery<PipelineProgress>(PROGRESS_QUERY);

interface TrackedStep {
  readonly step: PipelineStep;
  state: StepProgress['state'];
  detail: string;
  startedAtMs: number;
  endedAtMs: number | null;
}

/** Follows the steps of a run for the query `progress`, the UI's current details, and the result's seconds. */
export function createStepTracker() {
  const steps: TrackedStep[] = PIPELINE_STEPS.map((step) => ({
    step,
    state: 'pending',
    detail: '',
    startedAtMs: 0,
    endedAtMs: null,
  }));

  const progress = (): PipelineProgress => ({
    steps: steps.map(({ step, state, detail, startedAtMs, endedAtMs }) => ({
      step,
      state,
      detail,
      seconds: state === 'pending' ? 0 : ((endedAtMs ?? Date.now()) - startedAtMs) / 1000,
    })),
  });
  setHandler(progressQuery, progress, { description: 'Every step with its state, result and seconds' });

  /** Runs one step; `describe` says with numbers what it did. */
  async function step<T>(
    name: PipelineStep,
    work: () => Promise<T>,
    describe: (result: T) => string,
  ): Promise<T> {
    const tracked = steps.find((candidate) => candidate.step === name) as TrackedStep;
    Object.assign(tracked, { state: 'running', startedAtMs: Date.now() });
    setCurrentDetails(toMarkdown(progress()));
    try {
      const result = await work();
      Object.assign(tracked, { state: 'done', detail: describe(result) });
      return result;
    } catch (error) {
      tracked.state = 'failed';
      throw error;
    } finally {
      tracked.endedAtMs = Date.now();
      setCurrentDetails(toMarkdown(progress()));
    }
  }

  const seconds = (): Record<string, number> =>
    Object.fromEntries(
      progress()
        .steps.filter(({ state }) => state === 'done')
        .map((done) => [done.step, done.seconds]),
    );

  return { step, seconds };
}
