import type { FrameLocator, Locator, Page } from 'playwright-core';

type Tab = 'Timeline' | 'Event History' | 'Pending Activities' | 'User Metadata' | 'Search Attributes';

/** The UI's page of one workflow. */
export function runPage(page: Page) {
  const tab = (name: Tab): Locator => page.getByRole('tab', { name });
  /** Status, id and times. */
  const title = page.getByRole('heading', { level: 1 });
  /** In the menu "More Actions". */
  const choose = async (action: string): Promise<void> => {
    await page.getByRole('button', { name: 'More Actions' }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };
  const openTab = async (name: Tab): Promise<void> => {
    await tab(name).click();
  };

  return {
    title,
    input: page.getByRole('textbox', { name: 'Input', exact: true }),
    result: page.getByRole('textbox', { name: 'Result', exact: true }),
    /** A fact about the pending activity. */
    pendingFact: (text: RegExp): Locator => page.getByRole('main').getByText(text),
    lastFailure: page.getByRole('textbox', { name: 'Last Failure' }),
    /** Below the last failure. */
    stackTraceLabel: page.getByText('Stack Trace', { exact: true }),
    stackTrace: page.getByRole('textbox', { name: 'Stack Trace' }),
    timeline: page.getByRole('heading', { name: 'Timeline' }),
    async open(url: string): Promise<void> {
      await page.goto(url);
      await tab('Timeline').waitFor();
    },
    openTab,
    async untilStatus(status: 'Running' | 'Completed' | 'Failed' | 'Canceled' | 'Terminated'): Promise<void> {
      await page.getByRole('status').getByText(status, { exact: true }).waitFor();
    },
    /** @param text of an activity or child in the timeline */
    event: (text: string | RegExp): Locator =>
      page.getByRole('button', { name: /^Event / }).filter({ hasText: text }),
    /** The failure, which a failed workflow shows instead of a result. */
    async failure(expected: string): Promise<string> {
      return textOf(page.getByRole('textbox', { name: 'Result', exact: true }), expected);
    },
    async lastFailureOf(activity: string, expected: string): Promise<string> {
      await openTab('Pending Activities');
      await page.getByRole('heading', { name: activity }).waitFor();
      return textOf(page.getByRole('textbox', { name: 'Last Failure' }), expected);
    },
    /** The Markdown of the current details, which is rendered in a frame. */
    async currentDetails(): Promise<FrameLocator> {
      await openTab('User Metadata');
      return page.frameLocator('#user-metadata-current-details');
    },
    async searchAttributes(expected: string): Promise<string> {
      await openTab('Search Attributes');
      return textOf(page.getByRole('textbox', { name: 'Search Attributes' }), expected);
    },
    async cancel(): Promise<void> {
      await page.getByRole('button', { name: 'Request Cancellation' }).click();
      const dialog = page.getByRole('dialog', { name: 'Cancel Workflow' });
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await dialog.waitFor({ state: 'hidden' });
    },
    async terminate(reason: string): Promise<void> {
      await choose('Terminate');
      const dialog = page.getByRole('dialog', { name: 'Terminate Workflow' });
      await dialog.getByRole('textbox').first().fill(reason);
      await dialog.getByRole('button', { name: 'Terminate' }).click();
      await dialog.waitFor({ state: 'hidden' });
    },
    /** Opens the start form, filled in with what this run was given. */
    async startLikeThis(): Promise<void> {
      await choose('Start Workflow Like This One');
      await page.getByText('Task Queue is Active').waitFor();
    },
    /** Fills "More Actions → Send an Update", without sending it. */
    async prepareUpdate(name: string): Promise<Locator> {
      await choose('Send an Update');
      const dialog = page.getByRole('dialog', { name: 'Send an Update' });
      await dialog.getByRole('button', { name: 'Select an Update' }).click();
      await page.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
      return dialog;
    },
    async sendUpdate(dialog: Locator): Promise<void> {
      await dialog.getByRole('button', { name: 'Submit' }).click();
      await dialog.waitFor({ state: 'hidden' });
    },
    /** The last cell of the step's row. */
    async resetEventOf(details: FrameLocator, step: string): Promise<string> {
      const row = details.getByRole('row', { name: new RegExp(`^${step}\\s`) });
      return (await row.getByRole('cell').last().innerText()).trim();
    },
    /** Fills "Reset", without confirming it. @param event number of a `WorkflowTaskCompleted` */
    async prepareReset(event: string, reason: string): Promise<Locator> {
      await page.getByRole('button', { name: 'Reset', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Reset Workflow' });
      await dialog.locator('button:has(input)').click();
      await page.getByRole('option', { name: `${event} - WorkflowTaskCompleted`, exact: true }).click();
      await dialog.getByRole('textbox', { name: 'Enter a reason' }).fill(reason);
      return dialog;
    },
    async reset(dialog: Locator): Promise<void> {
      await dialog.getByRole('button', { name: 'Confirm' }).click();
      await dialog.waitFor({ state: 'hidden' });
    },
  };
}

/** The text of an editor once it contains `expected`. */
async function textOf(editor: Locator, expected: string): Promise<string> {
  const filled = editor.filter({ hasText: expected });
  await filled.waitFor();
  return filled.innerText();
}
