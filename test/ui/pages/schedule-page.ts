import type { Locator, Page } from 'playwright-core';

/** The UI's page of one schedule. */
export function schedulePage(page: Page) {
  return {
    title: page.getByRole('heading', { level: 1 }),
    note: (note: string): Locator => page.getByRole('definition').getByText(note, { exact: true }),
    async open(uiUrl: string, scheduleId: string): Promise<void> {
      await page.goto(`${uiUrl}/namespaces/default/schedules/${scheduleId}`);
      await page.getByRole('heading', { level: 1, name: scheduleId }).waitFor();
    },
    async pause(reason: string): Promise<void> {
      await answer('Pause', reason);
    },
    async unpause(reason: string): Promise<void> {
      await answer('Unpause', reason);
    },
    async untilState(state: 'Running' | 'Paused'): Promise<void> {
      await page.getByRole('heading', { level: 1, name: state }).waitFor();
    },
    /** With the schedule's own overlap policy, which the dialog proposes. */
    async trigger(): Promise<void> {
      await page.getByRole('button', { name: 'Schedule Actions' }).click();
      await page.getByRole('menuitem', { name: 'Trigger' }).click();
      const dialog = page.getByRole('dialog', { name: 'Trigger Immediately' });
      await dialog.getByRole('radio', { name: /^Skip/, checked: true }).waitFor();
      await dialog.getByRole('button', { name: 'Trigger' }).click();
      await dialog.waitFor({ state: 'hidden' });
    },
  };

  async function answer(action: 'Pause' | 'Unpause', reason: string): Promise<void> {
    await page.getByRole('button', { name: action, exact: true }).click();
    const dialog = page.getByRole('dialog', { name: `${action} Schedule?` });
    await dialog.getByRole('textbox', { name: 'Reason' }).fill(reason);
    await dialog.getByRole('button', { name: action, exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
}
