import { NIGHTLY_SCHEDULE_ID, workflowType } from '../names.ts';
import { runbookSection } from './advice.ts';

const ONLY_RUNS = `WorkflowType="${workflowType.ratingPipeline}"`;

/** What is below it belongs to the namespace. @param uiUrl of the Temporal UI */
export function namespaceUrl(uiUrl: string, namespace: string): string {
  return `${uiUrl}/namespaces/${namespace}`;
}

/** @param uiUrl of the Temporal UI, up to the namespace @param runId the newest run of that id without it */
export function workflowUrl(uiUrl: string, workflowId: string, runId?: string): string {
  const run = runId === undefined ? '' : `/${runId}/timeline`;
  return `${uiUrl}/workflows/${encodeURIComponent(workflowId)}${run}`;
}

/** Where a worker serves the short runbook, below its reports. */
export const RUNBOOK_PATH = '/runbook';

/** The runbook's section on a failure type, as workers serve it. @param served where they serve reports */
export function runbookUrl(served: string, failureType: string): string {
  return `${served}${RUNBOOK_PATH}#${runbookSection(failureType)}`;
}

/** A list of runs in the UI. */
export interface RunFilter {
  readonly finds: string;
  readonly query: string;
}

/**
 * The ready filters of the UI's list, in the order of their use; docs/ui.md repeats them. PipelineState and PipelineStep
 * stay as they were when a run is terminated, so a filter that names one names ExecutionStatus too.
 */
export const RUN_FILTERS = {
  runs: { finds: 'only runs', query: ONLY_RUNS },
  failed: { finds: 'only failed runs', query: `${ONLY_RUNS} AND ExecutionStatus="Failed"` },
  attention: {
    finds: 'runs and streams that fail or ask an operator',
    query: 'ExecutionStatus="Running" AND PipelineState="NeedsAttention"',
  },
  paused: {
    finds: 'paused runs and streams',
    query: 'ExecutionStatus="Running" AND PipelineState="Paused"',
  },
  training: {
    finds: 'runs that are training',
    query: 'ExecutionStatus="Running" AND PipelineStep="train"',
  },
  nightly: {
    finds: 'failed nightly runs',
    query: `ExecutionStatus="Failed" AND TemporalScheduledById="${NIGHTLY_SCHEDULE_ID}"`,
  },
  inaccurate: {
    finds: 'runs with a high error',
    query: `${ONLY_RUNS} AND ExecutionStatus="Completed" AND Rmse > 0.75`,
  },
  model: {
    finds: 'the run that trained a model, and its streams',
    query: 'ExecutionStatus != "Terminated" AND ModelVersion="9a97ecc790a4"',
  },
  dataset: {
    finds: 'completed runs on the same file',
    query: 'ExecutionStatus="Completed" AND DatasetSha="…"',
  },
} as const satisfies Readonly<Record<string, RunFilter>>;
