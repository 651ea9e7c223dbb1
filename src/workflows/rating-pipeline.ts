import { parsePipelineInput, type PipelineInputJson } from '../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../domain/run/step-results.ts';
import { createWorkflowContext, recordEnd } from './context.ts';
import { orFail } from './failure.ts';
import { openRun } from './pipeline/context.ts';
import { runSteps } from './pipeline/steps.ts';

/**
 * One run. Every step is retried on its own and resumes where it stopped; only references, offsets, counts and metrics
 * pass through here. Start it with nothing for the default run.
 *
 * @throws InvalidInput, DatasetError, … as ApplicationFailure, see `domain/errors.ts`
 */
export async function ratingPipeline(input?: PipelineInputJson): Promise<PipelineResult> {
  const context = createWorkflowContext();
  try {
    const settings = orFail(() => parsePipelineInput(input));
    const result = await runSteps(await openRun(settings, context));
    context.setAttributes({ PipelineState: 'Completed', RowsScored: result.predicted });
    return result;
  } catch (error) {
    await recordEnd(context, error);
    throw error;
  }
}
