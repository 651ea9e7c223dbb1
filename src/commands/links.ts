import type { TemporalSettings } from '../config.ts';
import { NIGHTLY_SCHEDULE_ID, workflowType } from '../domain/names.ts';

export function runUrl(temporal: TemporalSettings, workflowId: string, runId?: string): string {
  const run = runId === undefined ? '' : `/${runId}/timeline`;
  return `${namespaceUrl(temporal)}/workflows/${encodeURIComponent(workflowId)}${run}`;
}

/** The UI's start form, filled in but for the input, which may stay empty for a run. */
export function startFormUrl(
  temporal: TemporalSettings,
  taskQueue: string,
  type: string = workflowType.ratingPipeline,
): string {
  const query = new URLSearchParams({ taskQueue, workflowType: type });
  return `${namespaceUrl(temporal)}/workflows/start-workflow?${query.toString()}`;
}

export function scheduleUrl(temporal: TemporalSettings): string {
  return `${namespaceUrl(temporal)}/schedules/${encodeURIComponent(NIGHTLY_SCHEDULE_ID)}`;
}

function namespaceUrl({ uiUrl, connect }: TemporalSettings): string {
  return `${uiUrl}/namespaces/${connect.namespace ?? 'default'}`;
}
