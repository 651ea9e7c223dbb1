import type { Locator, Page } from 'playwright-core';

/** The UI's form that starts a workflow. */
export function startForm(page: Page) {
  return {
    title: page.getByRole('heading', { level: 1 }),
    /** The end of the input; the fields below it are copied from an earlier run. */
    encoding: page.getByRole('radiogroup', { name: 'Encoding' }),
    /** @param url as `startFormUrl` makes it */
    async open(url: string): Promise<void> {
      // The form copies the input of the newest run once it has found one.
      await page.goto(url, { waitUntil: 'networkidle' });
      await page.getByText('Task Queue is Active').waitFor();
    },
    prefilled: (field: 'Task Queue' | 'Workflow Type'): Promise<string> =>
      page.getByRole('textbox', { name: field, exact: true }).inputValue(),
    async upload(file: string): Promise<void> {
      await page.locator('input[type=file]').setInputFiles(file);
      await data(page).getByText('{').first().waitFor();
    },
    async type(json: string): Promise<void> {
      await data(page).fill(json);
    },
    async clear(): Promise<void> {
      await data(page).fill('');
    },
    async start(workflowId: string): Promise<void> {
      await page.getByRole('textbox', { name: 'Workflow ID' }).fill(workflowId);
      await page.getByRole('button', { name: 'Start Workflow', exact: true }).click();
    },
    /** Opens the run that was started. */
    async follow(): Promise<void> {
      await page.getByRole('link', { name: 'Workflow started successfully' }).click();
    },
  };
}

function data(page: Page): Locator {
  return page.getByRole('textbox', { name: 'Data' });
}
