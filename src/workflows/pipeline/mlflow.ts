import { getExternalWorkflowHandle, isCancellation, workflowInfo } from '@temporalio/workflow';
import { REGISTRY_LOGGED_SIGNAL, registryWorkflowId } from '../../domain/names.ts';
import type { ConsumeSplitResult, PipelineResult } from '../../domain/run/step-results.ts';
import { withAdvice } from '../../domain/run/trouble.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';
import { loggingToMlflow, openingInMlflow } from '../activities.ts';
import { failureOf } from '../failure.ts';
import type { Run } from './context.ts';

/**
 * Makes the run's place in MLflow, so that the report can link to it.
 *
 * @returns undefined without MLflow, and while it is away: the report does not wait for it
 */
export async function openInMlflow(run: Run): Promise<{ readonly url: string } | undefined> {
  if (!run.facts.mlflow) return undefined;
  try {
    const opened = await openingInMlflow(`a run for ${run.name}`).openMlflowRun(identityOf(run));
    run.showLink('MLflow', opened.url);
    return opened;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return undefined;
  }
}

/** Logs the finished run and its model to MLflow. If that fails for good, the run completes and says so. */
export async function logToMlflow(
  run: Run,
  result: PipelineResult,
  { rows }: ConsumeSplitResult,
): Promise<PipelineResult> {
  if (!run.facts.mlflow) return result;
  const { report, page, model, promotion } = result;
  try {
    const logged = await run.step('log to mlflow', {
      call: () =>
        loggingToMlflow(`model ${model.version} as a version of ${promotion.model}`, run.watch).logToMlflow({
          ...identityOf(run),
          report,
          page,
          rows,
        }),
      result: ({ version }) => `version ${version} of ${promotion.model}`,
    });
    run.showLink('model in MLflow', logged.versionUrl);
    // A registry that was terminated has nothing to follow.
    await getExternalWorkflowHandle(registryWorkflowId(workflowInfo().taskQueue, promotion.model))
      .signal(REGISTRY_LOGGED_SIGNAL, run.name)
      .catch(() => undefined);
    return { ...result, mlflow: logged, seconds: run.seconds() };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { type, message } = failureOf(error);
    const failure = `${type}: ${message}`;
    await run.notify(
      'run.needs-attention',
      withAdvice(`the run was not logged to MLflow: ${failure}`, type),
      { step: 'log to mlflow', failure: type },
    );
    return { ...result, mlflow: { failure } };
  }
}

function identityOf({ name, facts }: Run) {
  const { workflowId, runId, startTime } = workflowInfo();
  return {
    run: name,
    url: workflowUrl(facts.uiUrl, workflowId, runId),
    startedAt: startTime.toISOString(),
  };
}
