import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { toScheduleDefinition } from '../../src/cli/schedules/definition.ts';
import { parseSchedulePlan } from '../../src/cli/schedules/plan.ts';
import { runUrl } from '../../src/cli/shared/links.ts';
import { workflowType } from '../../src/domain/names.ts';
import type { PipelineResult } from '../../src/domain/run/step-results.ts';
import { RUN_FILTERS } from '../../src/domain/run/ui-links.ts';
import { describe, startWorkerOf, test } from '../support/browser/browser.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import type { TestEnvironment } from '../support/environment.ts';
import { pollUntil } from '../support/poll-until.ts';
import { startGatedWorker } from '../support/worker/gated-worker.ts';
import { runPage } from './pages/run-page.ts';
import { startForm } from './pages/start-form.ts';
import { workflowList } from './pages/workflow-list.ts';

/** A run that stays in its step `train` until the test lets it go on. */
async function startHeldRun(environment: TestEnvironment, workflowId: string) {
  const gated = await startGatedWorker(environment, 'trainForest');
  const handle = await environment.client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: gated.taskQueue,
    args: [{ forest: { trees: 20 } }],
  });
  await gated.reached;
  return { ...gated, handle };
}

describe('the page of a run that was ended', () => {
  test('by a cancellation shows the step as cancelled, and where to go on from', async ({
    environment,
    page,
  }) => {
    const { client, config, newId } = environment;
    const taskQueue = newId();
    const away = `127.0.0.1:${await getPort()}`;
    const first = await startWorkerOf(environment, { KAFKA_BROKERS: away, TASK_QUEUE: taskQueue });
    const handle = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: 'nightly-2026-12-01',
      taskQueue,
      args: [{ forest: { trees: 20 } }],
    });
    await pollUntil('a second attempt', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) >= 2);
    });
    const run = runPage(page);
    await run.open(runUrl(config.temporal, handle.workflowId));
    await run.cancel();
    await run.untilStatus('Canceled');

    const details = await run.currentDetails();
    await details.getByText('Cancelled at publish batch').waitFor();
    await details.getByRole('row', { name: /^publish batch\s+cancelled/ }).waitFor();
    const event = await run.resetEventOf(details, 'publish batch');
    await details.getByText(`Reset to event ${event} repeats the run from publish batch on.`).waitFor();
    await screenshot(page, 'cancelled', { from: run.title, to: details.getByRole('table') });
    const split = details.getByRole('row', { name: /^split\s/ });
    const before = await split.innerText();

    await first.shutdown();
    const second = await startWorkerOf(environment, { TASK_QUEUE: taskQueue });
    onTestFinished(() => second.shutdown());
    await run.reset(await run.prepareReset(event, 'cancelled by mistake'));
    const { predicted, rows } = (await client.workflow
      .getHandle(handle.workflowId)
      .result()) as PipelineResult;
    expect(predicted).toBe(rows.stream);
    await run.open(runUrl(config.temporal, handle.workflowId));
    await run.untilStatus('Completed');
    const again = (await run.currentDetails()).getByRole('row', { name: /^split\s/ });
    await again.waitFor();
    expect(await again.innerText()).toBe(before);
  });

  test('by a termination names the step; ready filters do not list it as running', async ({
    environment,
    page,
  }) => {
    const { client, config } = environment;
    const { handle } = await startHeldRun(environment, 'nightly-2026-12-02');
    await handle.signal('pause');
    const list = workflowList(page);
    const { uiUrl } = config.temporal;
    await list.open(uiUrl, RUN_FILTERS.paused.query);
    await list.row(handle.workflowId).waitFor();
    const run = runPage(page);
    await run.open(runUrl(config.temporal, handle.workflowId));
    await run.terminate('no longer needed');
    await run.untilStatus('Terminated');
    const details = await run.currentDetails();
    await details.getByText(/^Step 5 of 11: train, begun at \d\d:\d\d:\d\d UTC/).waitFor();

    const query = `${RUN_FILTERS.paused.query} AND WorkflowId="${handle.workflowId}"`;
    await pollUntil('the list without the run', async () => (await client.workflow.count(query)).count === 0);
    await list.open(uiUrl, RUN_FILTERS.runs.query);
    await list.row(handle.workflowId).waitFor();
    await list.open(uiUrl, RUN_FILTERS.paused.query);
    await list.title.waitFor();
    expect(await list.row(handle.workflowId).count()).toBe(0);
  });
});

describe('the form "Start Workflow Like This One"', () => {
  test('of a scheduled run copies no summary and no details into another run', async ({
    environment: { client, config },
    worker: _worker,
    page,
  }) => {
    const scheduleId = 'nightly-copied';
    const schedule = await client.schedule.create({
      ...toScheduleDefinition(
        scheduleId,
        config.taskQueue,
        parseSchedulePlan({ input: { forest: { trees: 2 } } }),
      ),
      scheduleId,
      state: { paused: true },
    });
    onTestFinished(() => schedule.delete());
    await schedule.trigger();
    const { workflowId } = await pollUntil('the triggered run', async () => {
      const { info } = await schedule.describe();
      return info.recentActions.at(-1)?.action.workflow;
    });
    await client.workflow.getHandle(workflowId).result();

    const run = runPage(page);
    await run.open(runUrl(config.temporal, workflowId));
    await run.startLikeThis();
    const form = startForm(page);
    await form.clear();
    await form.type('{ "forest": { "trees": 3 } }');
    await form.start('by-hand');
    await form.follow();
    const handle = client.workflow.getHandle('by-hand');
    await handle.result();
    const started = await handle.describe();
    expect([await started.staticSummary(), await started.staticDetails()]).toEqual([undefined, undefined]);
    const details = await run.currentDetails();
    await details.getByText('"trees": 3').waitFor();
  });
});
