import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { approvalUpdate, workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { test as base } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWebhookReceiver, type ReceivedEvent } from '../../support/webhook-receiver.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const SECRET = 'a secret of the tests';

interface CloudEvent {
  readonly specversion: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Starts a run on a worker that notifies the receiver. */
const test = base.extend('start', ({ environment }) => async (url: string, input: PipelineInputJson) => {
  const { client, env, newId } = environment;
  const workflowId = newId();
  const config = loadConfig({ ...env, TASK_QUEUE: workflowId, NOTIFY_WEBHOOK: url, NOTIFY_SECRET: SECRET });
  const worker = await startWorker(
    config,
    createLogger({ level: 'error', file: `${directoryOf(config.data)}.log` }),
  );
  onTestFinished(() => worker.shutdown());
  return client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: workflowId,
    args: [input],
  });
});

/** Verifies as the Standard Webhooks specification requires. @throws when the signature is wrong */
function verify({ headers, body }: ReceivedEvent): CloudEvent {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  const signed = Object.fromEntries(names.map((name) => [name, String(headers[name])]));
  return new Webhook(SECRET, { format: 'raw' }).verify(body, signed) as CloudEvent;
}

/** A delivery may be repeated; receivers recognize it by its id. */
function verifyOnce(received: readonly ReceivedEvent[]): CloudEvent[] {
  return [...new Map(received.map(verify).map((event) => [event.id, event])).values()];
}

describe('the receiver of notifications', () => {
  test('receives a failed run, signed, again with the same id until it is accepted', async ({ start }) => {
    const { url, received } = await startWebhookReceiver([503, 204]);
    const run = await start(url, { dataset: { path: 'missing.csv' } });
    await expect(run.result()).rejects.toThrow();

    expect(received.length).toBeGreaterThanOrEqual(2);
    const [first, ...others] = received.map(verify);
    expect(others).toEqual(others.map(() => first));
    expect(first).toMatchObject({
      specversion: '1.0',
      type: 'imdb-temporal.run.failed',
      subject: run.workflowId,
      data: { workflowId: run.workflowId, message: expect.stringContaining('missing.csv') as unknown },
    });
    expect(received[0]?.headers['content-type']).toContain('application/cloudevents+json');
  });

  test('receives that a run needs approval and that its model was promoted', async ({
    environment: { newTopic },
    start,
  }) => {
    const { url, received } = await startWebhookReceiver();
    const run = await start(url, {
      topic: newTopic(),
      forest: { trees: 1 },
      promotion: { approval: 'manual' },
    });
    await pollUntil('the request for approval to arrive', async () => received.length > 0);
    await run.executeUpdate(approvalUpdate.approve);
    const { model } = (await run.result()) as PipelineResult;

    const [attention, promotion, ...more] = verifyOnce(received);
    expect(attention).toMatchObject({ type: 'imdb-temporal.run.needs-attention' });
    expect(promotion).toMatchObject({
      type: 'imdb-temporal.model.promoted',
      data: { version: model.version, model: 'imdb-score' },
    });
    expect(more).toEqual([]);
  });
});
