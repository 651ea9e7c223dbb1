import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { runUrl } from '../../src/cli/shared/links.ts';
import { approvalUpdate, PROGRESS_QUERY, repairUpdate, workflowType } from '../../src/domain/names.ts';
import { RUN_FILTERS } from '../../src/domain/run/ui-links.ts';
import type { PipelineProgress } from '../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../src/domain/run/step-results.ts';
import { describe, startWorkerOf, test } from '../support/browser/browser.ts';
import { pollUntil } from '../support/poll-until.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import { runPage } from './pages/run-page.ts';
import { workflowList } from './pages/workflow-list.ts';
import { directoryOf } from '../support/store/directory-of.ts';

const WORKFLOW_ID = 'nightly-2026-11-30';

describe('a run that needs attention', () => {
  test('is found by a filter, says why, and completes when its batches are retried', async ({
    environment,
    page,
  }) => {
    const { client, config } = environment;
    const handle = client.workflow.getHandle(WORKFLOW_ID);
    const untilAttention = (about: string) =>
      pollUntil(`the run to ask about ${about}`, async () => {
        const progress = await handle.query<PipelineProgress>(PROGRESS_QUERY).catch(() => undefined);
        return progress?.attention?.includes(about);
      });
    const run = runPage(page);

    // The worker that trained a model keeps it in memory, so only another worker reads the damaged file.
    const first = await startWorkerOf(environment);
    await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: WORKFLOW_ID,
      taskQueue: config.taskQueue,
      args: [
        {
          forest: { trees: 20 },
          promotion: { approval: 'manual' },
        },
      ],
    });
    await untilAttention('champion');
    await first.shutdown();
    const model = await findModel(directoryOf(config.artifacts));
    const whole = await readFile(model);
    await writeFile(model, flipOneBit(whole));
    const second = await startWorkerOf(environment);
    onTestFinished(() => second.shutdown());

    await run.open(runUrl(config.temporal, WORKFLOW_ID));
    const approval = await run.prepareUpdate(approvalUpdate.approve);
    await screenshot(page, 'approve', approval);
    await run.sendUpdate(approval);
    await untilAttention('micro-batches');

    const list = workflowList(page);
    await list.open(config.temporal.uiUrl, RUN_FILTERS.attention.query);
    await list.row(WORKFLOW_ID).waitFor();
    await screenshot(page, 'needs-attention-list', { from: list.title, to: list.row(WORKFLOW_ID) });
    await list.follow(WORKFLOW_ID);
    expect(await run.searchAttributes('NeedsAttention')).toContain('"PipelineStep": "score stream"');
    const details = await run.currentDetails();
    await details.getByText(/^Needs attention: \d failed micro-batches/).waitFor();
    await details.getByText(/ArtifactCorrupt: an artifact has changed/).waitFor();
    await screenshot(page, 'needs-attention', { from: run.title, to: details.getByRole('table') });

    await writeFile(model, whole);
    await run.open(runUrl(config.temporal, `${WORKFLOW_ID}/stream`));
    const retry = await run.prepareUpdate(repairUpdate.retryFailed);
    await screenshot(page, 'retry-failed', retry);
    await run.sendUpdate(retry);

    const { predicted, rows, deadLettered } = (await handle.result()) as PipelineResult;
    expect({ predicted, deadLettered }).toEqual({ predicted: rows.stream, deadLettered: 0 });
    await run.open(runUrl(config.temporal, WORKFLOW_ID));
    await run.untilStatus('Completed');
  });
});

async function findModel(artifactDir: string): Promise<string> {
  const files = await readdir(artifactDir, { recursive: true });
  const model = files.find((name) => name.includes(WORKFLOW_ID) && name.endsWith('.model'));
  return join(artifactDir, model ?? 'no model');
}

function flipOneBit(bytes: Buffer): Buffer {
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8((flipped.at(-20) ?? 0) ^ 1, flipped.length - 20);
  return flipped;
}
