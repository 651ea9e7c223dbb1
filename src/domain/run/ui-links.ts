/** @param uiUrl of the Temporal UI, up to the namespace @param runId the newest run of that id without it */
export function workflowUrl(uiUrl: string, workflowId: string, runId?: string): string {
  const run = runId === undefined ? '' : `/${runId}/timeline`;
  return `${uiUrl}/workflows/${encodeURIComponent(workflowId)}${run}`;
}
