import { parsePipelineInput, type PipelineInputJson } from '../domain/run/pipeline-input.ts';
import type { PipelineResult } from '../domain/run/step-results.ts';
import { createWorkflowContext, recordEnd } from './context.ts';
import { orFail } from './failure.ts';
import { openRun, type Run } from './pipeline/context.ts';
import { promote } from './pipeline/promote.ts';
import { report } from './pipeline/report.ts';
import { consume, evaluate, load, publish, reconcile, score, split } from './pipeline/steps.ts';
import { train } from './pipeline/train.ts';

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

async function runSteps(run: Run): Promise<PipelineResult> {
  const loaded = await load(run);
  const parts = await split(run, loaded);
  const publishedBatch = await publish(run, 'batch', parts);
  const consumed = await consume(run, loaded, publishedBatch);
  const trained = await train(run, parts);
  const evaluated = await evaluate(run, trained, consumed);
  const promotion = await promote(run, { ...trained, loaded, consumed, evaluated });
  const publishedStream = await publish(run, 'stream', parts);
  const scored = await score(run, trained, publishedStream);
  const done = { ...trained, loaded, parts, publishedBatch, consumed, publishedStream, scored };
  const reconciled = await reconcile(run, done);
  return report(run, { ...done, evaluated, promotion, reconciled });
}
