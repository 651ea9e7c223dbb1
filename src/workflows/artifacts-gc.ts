import { type CollectResult, parseCollectInput } from '../domain/retention-input.ts';
import { collecting } from './activities.ts';
import { openWorkflowContext, recordEnd } from './context.ts';
import { orFail } from './failure.ts';

/**
 * Removes old artifacts that nothing refers to: one night of the schedule `artifacts-gc`.
 *
 * @throws InvalidInput as ApplicationFailure
 */
export async function artifactsGc(input?: unknown): Promise<CollectResult> {
  const context = await openWorkflowContext();
  try {
    const { keepDays } = orFail(() => parseCollectInput(input));
    const result = await collecting(`older than ${keepDays} days`).collectArtifacts({ keepDays });
    context.setAttributes({ PipelineState: 'Completed' });
    await context.close();
    return result;
  } catch (error) {
    await recordEnd(context, error);
    throw error;
  }
}
