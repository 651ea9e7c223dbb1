import type { TemporalSettings } from '../../config.ts';
import { NIGHTLY_SCHEDULE_ID, workflowType } from '../../domain/names.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';

export function runUrl(temporal: TemporalSettings, workflowId: string, runId?: string): string {
  return workflowUrl(namespaceUrl(temporal), workflowId, runId);
}

/** The list of runs, without the micro-batches, streams and registries that outnumber them. */
export function runListUrl(temporal: TemporalSettings): string {
  const query = encodeURIComponent(`WorkflowType="${workflowType.ratingPipeline}"`);
  return `${namespaceUrl(temporal)}/workflows?query=${query}`;
}

/** The start form of the UI. Its input is empty, which is the default run. */
export function startFormUrl(
  temporal: TemporalSettings,
  taskQueue: string,
  type: string = workflowType.ratingPipeline,
): string {
  const query = new URLSearchParams({ taskQueue, workflowType: type });
  return `${namespaceUrl(temporal)}/workflows/start-workflow?${query.toString()}`;
}

export function scheduleUrl(temporal: TemporalSettings, scheduleId: string = NIGHTLY_SCHEDULE_ID): string {
  return `${namespaceUrl(temporal)}/schedules/${encodeURIComponent(scheduleId)}`;
}

function namespaceUrl({ uiUrl, connect }: TemporalSettings): string {
  return `${uiUrl}/namespaces/${connect.namespace ?? 'default'}`;
}
