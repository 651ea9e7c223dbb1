import type { TemporalSettings } from '../../config.ts';
import { NIGHTLY_SCHEDULE_ID, workflowType } from '../../domain/names.ts';
import { workflowUrl } from '../../domain/run/ui-links.ts';

export function runUrl(temporal: TemporalSettings, workflowId: string, runId?: string): string {
  return workflowUrl(namespaceUrl(temporal), workflowId, runId);
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

export function scheduleUrl(temporal: TemporalSettings, scheduleId: string = NIGHTLY_SCHEDULE_ID): string {
  return `${namespaceUrl(temporal)}/schedules/${encodeURIComponent(scheduleId)}`;
}

function namespaceUrl({ uiUrl, connect }: TemporalSettings): string {
  return `${uiUrl}/namespaces/${connect.namespace ?? 'default'}`;
}
