import type { PipelineResult } from '../domain/step-results.ts';

/** The one line that scripts read: the run's result, with the model's hash where they look for it. */
export function resultJson(workflowId: string, result: PipelineResult, uiUrl: string): string {
  const model = { ...result.model, sha256: result.model.artifact.sha256 };
  return `${JSON.stringify({ workflowId, ...result, model, uiUrl })}\n`;
}
