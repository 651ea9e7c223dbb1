import type { Locator } from 'playwright-core';
import { expect } from 'vitest';
import { createTemporalModelRegistry } from '../../src/adapters/temporal/model-registry.ts';
import { runUrl } from '../../src/cli/shared/links.ts';
import { registryUpdate, registryWorkflowId } from '../../src/domain/names.ts';
import type { ModelProposal } from '../../src/domain/registry/model-registry.ts';
import { describe, test } from '../support/browser/browser.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import { registeredModel } from '../support/unit/registered-model.ts';
import { runPage } from './pages/run-page.ts';

const NAME = 'imdb-score';
const MODELS = [0.7812, 0.7433, 0.7391].map((rmse, i) =>
  registeredModel(`runs/nightly-2026-11-${24 + i}/01a22060-fce0-7a79-ae5d-53db443bb249`, { rmse }),
);

describe('the page of a model registry', () => {
  test('fits its column, names former champions, and answers a rollback in words', async ({
    environment: { client, config },
    worker: _worker,
    page,
  }) => {
    const registry = createTemporalModelRegistry(client, config.taskQueue);
    for (const [i, model] of MODELS.entries()) {
      const proposal: ModelProposal = {
        model,
        verdict: 'promote',
        reason:
          'RMSE 0.739 against 0.743, difference -0.004 [-0.021, 0.013] with 95 % confidence, at most 0.007 is allowed',
        against: MODELS[i - 1]?.version ?? null,
        comparison: null,
      };
      await registry.propose(NAME, proposal);
    }
    const [first, second, third] = MODELS.map(({ version }) => version);

    const workflowId = registryWorkflowId(config.taskQueue, NAME);
    const run = runPage(page);
    await run.open(runUrl(config.temporal, workflowId));
    const details = await run.currentDetails();
    await details.getByText(`${NAME}: champion ${third}`).waitFor();
    await details.getByText(`The update rollback goes back to ${second}`).waitFor();
    expect(await details.getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringContaining(second ?? ''),
      expect.stringContaining(first ?? ''),
    ]);
    const [table, column] = [details.getByRole('table'), details.locator('body')];
    const width = async (part: Locator) => (await part.boundingBox())?.width ?? NaN;
    expect(await width(table)).toBeLessThanOrEqual(await width(column));
    await screenshot(page, 'registry', { from: run.title, to: details.getByRole('table') });

    await run.sendUpdate(await run.prepareUpdate(registryUpdate.rollback));
    await run.open(runUrl(config.temporal, workflowId));
    const after = await run.currentDetails();
    await after.getByText(`${NAME}: champion ${second}`).waitFor();
    await run.openTab('Timeline');
    await run.event('rollback').click();
    await page.getByText(`${second} is the champion of ${NAME} now. Streams that follow`).first().waitFor();
  });
});
