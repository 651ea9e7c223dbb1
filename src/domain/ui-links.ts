/** The newest run of that id. @param uiUrl of the Temporal UI, up to the namespace */
export function workflowUrl(uiUrl: string, workflowId: string): string {
  return `${uiUrl}/workflows/${encodeURIComponent(workflowId)}`;
}
