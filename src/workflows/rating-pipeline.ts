import type { PipelineInputJson } from '../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../domain/run/step-results.ts';
import { createWorkflowContext, endOf, recordEnd } from './context.ts';
import { openRun } from './pipeline/context.ts';
import { createStepTracker } from './pipeline/step-tracker.ts';
import { runSteps } from './pipeline/steps.ts';

/**
 * One run. Every step is retried on its own and resumes where it stopped; only references, offsets, counts and metrics
 * pass through here. Start it with nothing for the default run.
 *
 * @throws InvalidInput, DatasetError, … as ApplicationFailure, see `domain/errors.ts`
 */
export async function ratingPipeline(input?: PipelineInputJson): Promise<PipelineResult> {
  const context = createWorkflowContext();
  const tracker = createStepTracker(context);
  try {
    const result = await runSteps(await openRun(input, context, tracker));
    tracker.show({ end: { state: 'Completed' } });
    context.setAttributes({ PipelineState: 'Completed', RowsScored: result.predicted });
    await context.close();
    return result;
  } catch (error) {
    // Before anything is awaited: a cancelled run may not get further.
    tracker.show({ end: endOf(error) });
    await recordEnd(context, error);
    throw error;
  }
}
