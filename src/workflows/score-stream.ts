import { ContinueAsNew, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { Timed } from '../domain/run/call-times.ts';
import { endedStreamDetails } from '../domain/run/run-details.ts';
import type { ContinuousResult, ScoreStreamResult } from '../domain/run/step-results.ts';
import type { ScoreContinuouslyInput, ScoreRangesInput } from '../domain/stream/workflow-inputs.ts';
import { scoreContinuously } from './stream/continuous.ts';
import { scoreRanges } from './stream/bounded.ts';
import { endOf, openWorkflowContext, recordEnd } from './context.ts';

/**
 * Scores a topic in micro-batches, one child each, `stream.inFlight` at a time.
 *
 * With `ranges` (as `ratingPipeline` starts it) it ends when they are scored. Without, it is a streaming job: it runs
 * until the signal `stop`, and another start of the same workflow id continues where this one ended.
 *
 * @throws InvalidInput, OffsetsOutOfRange, PositionLost, MicroBatchesFailed, NothingScored, StreamOvertaken as ApplicationFailure
 */
export async function scoreStream(
  input?: ScoreRangesInput | ScoreContinuouslyInput,
): Promise<Timed<ScoreStreamResult | ContinuousResult>> {
  const context = await openWorkflowContext();
  const { reportUrl } = await context.open();
  try {
    const result = await (input && 'ranges' in input
      ? scoreRanges(input, context)
      : scoreContinuously(input, context));
    context.setAttributes({ PipelineState: 'Completed', RowsScored: result.predicted });
    await context.close();
    setCurrentDetails(endedStreamDetails({ state: 'Completed' }, reportUrl, result));
    const { parent, startTime } = workflowInfo();
    if (!parent) return result;
    return { ...result, took: { from: startTime.toISOString(), to: new Date().toISOString() } };
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    setCurrentDetails(endedStreamDetails(endOf(error), reportUrl));
    await recordEnd(context, error);
    throw error;
  }
}
