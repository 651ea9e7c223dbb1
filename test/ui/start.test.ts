import { expect } from 'vitest';
import { startFormUrl } from '../../src/cli/shared/links.ts';
import { describe, test } from '../support/browser/browser.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import { runPage } from './pages/run-page.ts';
import { startForm } from './pages/start-form.ts';

describe('the prefilled start form', () => {
  test('with an empty input starts the default run, whose timeline shows numbers', async ({
    environment: { config },
    worker: _worker,
    page,
  }) => {
    const form = startForm(page);
    await form.open(startFormUrl(config.temporal, config.taskQueue));
    expect(await form.prefilled('Task Queue')).toBe(config.taskQueue);
    expect(await form.prefilled('Workflow Type')).toBe('ratingPipeline');
    await form.clear();
    await screenshot(page, 'start-form', { from: form.title, to: form.encoding });
    await form.start('nightly-2026-11-26');
    await form.follow();

    const run = runPage(page);
    await run.untilStatus('Completed');
    for (const [activity, summary] of [
      ['splitDataset', /[\d,]+ rows → 0\.8 \/ 0\.1 \/ 0\.1/],
      ['publishSplit', /[\d,]+ rows → a1/],
      ['consumeSplit', /[\d,]+ rows ← a1\[0\]@\d+\.\.\d+/],
      ['trainForest', /100 trees on [\d,]+ rows/],
      ['evaluateModel', /model [0-9a-f]{12} on [\d,]+ rows/],
      ['reconcileRun', /[\d,]+ predictions, [\d,]+ rows/],
      ['writeReport', /RMSE \d\.\d{3}, MAE \d\.\d{3}, R² \d\.\d{3}/],
    ] as const) {
      await run.event(activity).filter({ hasText: summary }).first().waitFor();
    }
    await run.event(/[\d,]+ rows with model [0-9a-f]{12}/).waitFor();
    await run.result.getByText('"run"').waitFor();
    await screenshot(page, 'run', { from: run.title, to: run.event('loadDataset') });

    const details = await run.currentDetails();
    const headline = details.getByText(/^Completed in \d+\.\d s/);
    await headline.waitFor();
    expect(await headline.innerText()).toMatch(
      /RMSE \d\.\d{3} on the batch split, \d\.\d{3} on the stream split · slowest step: [a-z ]+, \d+\.\d s · report$/,
    );
    await details
      .getByRole('row', {
        name: /^load\s+done\s+[\d,]+ of [\d,]+ rows kept, \d+ features; .+\s+\d+\.\d\s+4$/,
      })
      .waitFor();
    await details
      .getByRole('row', { name: /^reconcile\s+done\s+all counts agree; stream RMSE \d\.\d{3}/ })
      .waitFor();
    await details.getByText('Input, defaults filled in').waitFor();
    await screenshot(page, 'current-details', { from: run.title, to: details.getByRole('table') });

    const opened = page.context().waitForEvent('page');
    await details.getByRole('link', { name: 'report', exact: true }).click();
    const report = await opened;
    const reportTitle = report.getByRole('heading', { name: /nightly-2026-11-26/ });
    await reportTitle.waitFor();
    await report.getByRole('heading', { name: 'Champion and challenger' }).waitFor();
    await screenshot(report, 'report', {
      from: reportTitle,
      to: report.getByRole('figure', { name: /Batch split/ }).first(),
    });
    await report.close();

    const found = await run.searchAttributes('"Completed"');
    expect(found).toMatch(/"ModelVersion": "[0-9a-f]{12}"/);
    expect(found).toMatch(/"Rmse": 0\.\d+/);
    expect(found).toMatch(/"RowsScored": \d+/);
  });

  test('takes an example file as the input of the run', async ({
    environment: { client, config },
    worker: _worker,
    page,
  }) => {
    const form = startForm(page);
    await form.open(startFormUrl(config.temporal, config.taskQueue));
    await form.upload('examples/small-and-fast.json');
    await form.start('nightly-2026-11-27');
    await form.follow();
    await client.workflow.getHandle('nightly-2026-11-27').result();
    await page.reload();

    const run = runPage(page);
    await run.untilStatus('Completed');
    await run.event('trainForest').filter({ hasText: '10 trees on' }).waitFor();
  });

  test('with a wrong input starts a run that fails at once and names the field', async ({
    environment: { config },
    worker: _worker,
    page,
  }) => {
    const form = startForm(page);
    await form.open(startFormUrl(config.temporal, config.taskQueue));
    await form.type('{ "tpoic": "a1", "forest": { "trees": "ten" } }');
    await form.start('wrong-input');
    await form.follow();

    const run = runPage(page);
    await run.untilStatus('Failed');
    const failure = await run.failure('the input of ratingPipeline is wrong');
    expect(failure).toContain(
      'forest.trees: Invalid input: expected number, received string (got \\"ten\\")',
    );
    expect(failure).toContain('unknown field \\"tpoic\\", expected some of dataset, quality, split, topic');
    expect(failure).toContain('"type": "InvalidInput"');
    expect(failure).toContain('Correct these fields and start again');
    const details = await run.currentDetails();
    await details.getByText('Failed: InvalidInput').waitFor();
    await details.getByText(/forest\.trees: Invalid input: expected number/).waitFor();
    const remedy = details.getByText(/^What to do: Start a new run with the field corrected/);
    await remedy.waitFor();
    await screenshot(page, 'invalid-input', { from: run.title, to: remedy });
  });
});
