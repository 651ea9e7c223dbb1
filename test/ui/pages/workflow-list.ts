import type { Locator, Page } from 'playwright-core';

/** The UI's list of workflows. */
export function workflowList(page: Page) {
  return {
    title: page.getByRole('heading', { level: 1 }),
    row: (workflowId: string): Locator =>
      page.getByRole('row').filter({ has: page.getByRole('link', { name: workflowId, exact: true }) }),
    async open(uiUrl: string, filter: string): Promise<void> {
      await page.goto(`${uiUrl}/namespaces/default/workflows?query=${encodeURIComponent(filter)}`);
    },
    async follow(workflowId: string): Promise<void> {
      await page.getByRole('link', { name: workflowId, exact: true }).click();
    },
  };
}
