import { ScheduleOverlapPolicy } from '@temporalio/client';
import { expect, onTestFinished } from 'vitest';
import { workflowType } from '../../src/domain/names.ts';
import { describe, test } from '../support/browser/browser.ts';
import { pollUntil } from '../support/poll-until.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import { schedulePage } from './pages/schedule-page.ts';

describe('the page of the nightly schedule', () => {
  test('pauses it with a reason, resumes it, and triggers one run', async ({
    environment: { client, config },
    worker: _worker,
    page,
  }) => {
    const scheduleId = 'nightly-retrain';
    const schedule = await client.schedule.create({
      scheduleId,
      spec: { calendars: [{ hour: 2, minute: 0 }], timezone: 'Europe/Berlin' },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, pauseOnFailure: true },
      action: {
        type: 'startWorkflow',
        workflowType: workflowType.ratingPipeline,
        workflowId: scheduleId,
        taskQueue: config.taskQueue,
        args: [{ forest: { trees: 20 } }],
      },
    });
    onTestFinished(() => schedule.delete());
    const nightly = schedulePage(page);
    await nightly.open(config.temporal.uiUrl, scheduleId);

    await nightly.pause('the file of today is broken');
    await nightly.untilState('Paused');
    expect((await schedule.describe()).state).toMatchObject({
      paused: true,
      note: 'the file of today is broken',
    });
    await screenshot(page, 'schedule-paused', {
      from: nightly.title,
      to: nightly.note('the file of today is broken'),
    });
    await nightly.unpause('fixed');
    await nightly.untilState('Running');

    await nightly.trigger();
    const { workflowId } = await pollUntil('the triggered run', async () => {
      const { info } = await schedule.describe();
      return info.recentActions.at(-1)?.action.workflow;
    });
    expect(await client.workflow.getHandle(workflowId).result()).toMatchObject({ published: {} });
  });
});
