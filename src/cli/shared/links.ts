import type { TemporalSettings } from '../../config.ts';
import { NIGHTLY_SCHEDULE_ID, workflowType } from '../../domain/names.ts';
import { namespaceUrl, type RunFilter, workflowUrl } from '../../domain/run/ui-links.ts';

export function runUrl(temporal: TemporalSettings, workflowId: string, runId?: string): string {
  return workflowUrl(baseUrl(temporal), workflowId, runId);
}

/** The UI's list with a filter, see `RUN_FILTERS`. */
export function listUrl(temporal: TemporalSettings, { query }: RunFilter): string {
  return `${baseUrl(temporal)}/workflows?query=${encodeURIComponent(query)}`;
}

/** The start form of the UI. Its input is empty, which is the default run. */
export function startFormUrl(
  temporal: TemporalSettings,
  taskQueue: string,
  type: string = workflowType.ratingPipeline,
): string {
  const query = new URLSearchParams({ taskQueue, workflowType: type });
  return `${baseUrl(temporal)}/workflows/start-workflow?${query.toString()}`;
}

export function scheduleUrl(temporal: TemporalSettings, scheduleId: string = NIGHTLY_SCHEDULE_ID): string {
  return `${baseUrl(temporal)}/schedules/${encodeURIComponent(scheduleId)}`;
}

function baseUrl({ uiUrl, connect }: TemporalSettings): string {
  return namespaceUrl(uiUrl, connect.namespace ?? 'default');
}
