import type { TemporalSettings } from '../config.ts';
import { workflowType } from '../domain/names.ts';

export function runUrl({ uiUrl, connect }: TemporalSettings, workflowId: string, runId?: string): string {
  const run = runId === undefined ? '' : `/${runId}/timeline`;
  return `${uiUrl}/namespaces/${connect.namespace ?? 'default'}/workflows/${encodeURIComponent(workflowId)}${run}`;
}

/** The UI's start form, filled in but for the input, which may stay empty. */
export function startFormUrl({ uiUrl, connect }: TemporalSettings, taskQueue: string): string {
  const query = new URLSearchParams({ taskQueue, workflowType: workflowType.ratingPipeline });
  return `${uiUrl}/namespaces/${connect.namespace ?? 'default'}/workflows/start-workflow?${query.toString()}`;
}

export function scheduleUrl({ uiUrl, connect }: TemporalSettings, scheduleId: string): string {
  return `${uiUrl}/namespaces/${connect.namespace ?? 'default'}/schedules/${encodeURIComponent(scheduleId)}`;
}
