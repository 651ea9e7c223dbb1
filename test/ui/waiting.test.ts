import getPort from 'get-port';
import { expect, onTestFinished } from 'vitest';
import { runUrl } from '../../src/cli/shared/links.ts';
import { workflowType } from '../../src/domain/names.ts';
import { describe, startWorkerOf, test } from '../support/browser/browser.ts';
import { pollUntil } from '../support/poll-until.ts';
import { screenshot } from '../support/browser/screenshot.ts';
import { runPage } from './pages/run-page.ts';

describe('a run that waits', () => {
  test('for an unreachable broker names it, the attempt, the next one, and what to do', async ({
    environment,
    page,
  }) => {
    const { client, config, newId } = environment;
    const broker = `127.0.0.1:${await getPort()}`;
    const taskQueue = newId();
    const worker = await startWorkerOf(environment, { KAFKA_BROKERS: broker, TASK_QUEUE: taskQueue });
    onTestFinished(() => worker.shutdown());
    const handle = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: 'nightly-2026-11-28',
      taskQueue,
      args: [{ forest: { trees: 20 } }],
    });
    onTestFinished(() => handle.terminate().then(() => undefined));
    await pollUntil('a second attempt', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ attempt }) => (attempt ?? 0) >= 2);
    });

    const run = runPage(page);
    await run.open(runUrl(config.temporal, handle.workflowId));
    await run
      .event('publishSplit')
      .filter({ hasText: /Attempt\s+\d+ \/ ∞/ })
      .waitFor();
    const failure = await run.lastFailureOf('publishSplit', 'cannot create topics');
    expect(failure).toContain(`broker ${broker}]`);
    expect(failure).toContain('ECONNREFUSED');
    expect(failure).toContain('Retried until the broker answers; check KAFKA_BROKERS');
    await run.pendingFact(/^\d+ \/ Unlimited$/).waitFor();
    await run.pendingFact(/^Next Retry$/).waitFor();
    expect(await run.stackTrace.innerText()).toMatch(/^BrokerError: /);
    await screenshot(page, 'broker-away', { from: run.title, to: run.stackTraceLabel });
  });
});
