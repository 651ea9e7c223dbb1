import { expect } from 'vitest';
import { runUrl } from '../../src/cli/shared/links.ts';
import { workflowType } from '../../src/domain/names.ts';
import type { PipelineResult } from '../../src/domain/run/step-results.ts';
import { describe, test } from '../support/browser/browser.ts';
import { FEW_ROWS } from '../support/environment.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import { runPage } from './pages/run-page.ts';

const FILMS = Array.from(
  { length: 300 },
  (_, i) => `film ${i},${((i * 7) % 300) * 1_000},${(i % 90) / 10 + 1}`,
);
const HEADER = 'title,budget,imdb_score';
/** Lines 213 to 219 have a comma too many. */
const CORRUPT = FILMS.map((film, i) => (i >= 211 && i < 218 ? film.replace(',', ',,') : film));

describe('a failed run', () => {
  test('of a corrupt CSV names file and line; fixed and reset on its page, it completes', async ({
    environment: { client, config, writeCsv },
    worker: _worker,
    page,
  }) => {
    const path = 'movies-2026-11-29.csv';
    await writeCsv(path, [HEADER, ...CORRUPT].join('\n'));
    const handle = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: 'nightly-2026-11-29',
      taskQueue: config.taskQueue,
      args: [{ dataset: { path }, quality: FEW_ROWS }],
    });
    await expect(handle.result()).rejects.toThrow();

    const run = runPage(page);
    await run.open(runUrl(config.temporal, handle.workflowId));
    await run.untilStatus('Failed');
    await run.event('loadDataset').waitFor();
    const failure = await run.failure('too many bad rows');
    expect(failure).toContain(
      `[${path} lines 213–219]: expected at most 1 % (dataset.maxBadRows), got 7 of 300 rows, the first with 4 cells instead of 3`,
    );
    expect(failure).toContain('Correct the rows, or check dataset.delimiter; nothing was published');
    expect(failure).toContain('DatasetError: ');
    await screenshot(page, 'dataset-error', { from: run.title, to: run.event('loadDataset') });

    const details = await run.currentDetails();
    await details.getByText('Failed at load: DatasetError').waitFor();
    await details.getByText(`too many bad rows [${path} lines 213–219]`).waitFor();
    const remedy = details.getByText(/^What to do: Correct the file/);
    const [, event = ''] = /Reset to event (\d+) repeats/.exec(await remedy.innerText()) ?? [];
    await screenshot(page, 'failed-details', { from: run.title, to: details.getByRole('table') });
    const opened = page.context().waitForEvent('page');
    await details.getByRole('link', { name: 'Runbook' }).click();
    const runbook = await opened;
    await runbook.getByRole('heading', { name: 'DatasetError' }).waitFor();
    await runbook.close();

    await writeCsv(path, [HEADER, ...FILMS].join('\n'));
    const dialog = await run.prepareReset(event, 'the file is fixed');
    await screenshot(page, 'reset', dialog);
    await run.reset(dialog);
    const { rows, predicted } = (await client.workflow
      .getHandle(handle.workflowId)
      .result()) as PipelineResult;
    expect(rows.loaded).toBe(FILMS.length);
    expect(predicted).toBe(rows.stream);
  });

  test('that was reset after its file had changed is refused', async ({
    environment: { client, config, writeCsv },
    worker: _worker,
    page,
  }) => {
    const path = 'movies-2026-11-24.csv';
    await writeCsv(path, [HEADER, ...FILMS].join('\n'));
    const handle = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: 'nightly-2026-11-24',
      taskQueue: config.taskQueue,
      args: [{ dataset: { path }, quality: FEW_ROWS, forest: { trees: 1 } }],
    });
    await handle.result();
    await writeCsv(path, [HEADER, ...FILMS.slice(50)].join('\n'));

    const run = runPage(page);
    const url = runUrl(config.temporal, handle.workflowId);
    await run.open(url);
    const details = await run.currentDetails();
    const event = await run.resetEventOf(details, 'load');
    await run.reset(await run.prepareReset(event, 'the file is newer'));
    await expect(client.workflow.getHandle(handle.workflowId).result()).rejects.toThrow();
    await run.open(url);
    await run.untilStatus('Failed');
    await run.event('publishSplit').waitFor();
    const failure = await run.failure('ReconciliationError: ');
    expect(failure).toContain('expected');
    await run.openTab('Timeline');
    await screenshot(page, 'reconciliation-error', { from: run.title, to: run.event('loadDataset') });
  });

  test('of a stream whose topic is missing names the topic and what to do', async ({
    environment: { client, config },
    worker: _worker,
    page,
  }) => {
    const { model } = (await client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: 'nightly-2026-11-25',
      taskQueue: config.taskQueue,
      args: [{ forest: { trees: 1 } }],
    })) as PipelineResult;
    const handle = await client.workflow.start(workflowType.scoreStream, {
      workflowId: 'ratings-of-today',
      taskQueue: config.taskQueue,
      args: [{ topic: 'ratings-of-tody', model }],
    });
    await expect(handle.result()).rejects.toThrow();

    const run = runPage(page);
    await run.open(runUrl(config.temporal, handle.workflowId));
    await run.untilStatus('Failed');
    await run.event('openStream').waitFor();
    const failure = await run.failure('there is no such topic');
    expect(failure).toContain('[ratings-of-tody]: expected a topic with records to score, got none');
    expect(failure).toContain('Create it, or correct \\"topic\\"');
    expect(failure).toContain('OffsetsOutOfRange: ');
    await screenshot(page, 'missing-topic', { from: run.title, to: run.event('openStream') });
    const details = await run.currentDetails();
    await details.getByText('Failed: OffsetsOutOfRange').waitFor();
    await details.getByText(/^What to do: If the topic is missing, create it/).waitFor();
  });
});
