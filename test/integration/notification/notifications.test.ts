import { Webhook } from 'standardwebhooks';
import { describe, expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import {
  approvalUpdate,
  registryUpdate,
  registryWorkflowId,
  workflowType,
} from '../../../src/domain/names.ts';
import { NOTIFICATION_EVENTS } from '../../../src/domain/notification/notification.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { test as base } from '../../support/environment.ts';
import { outboxDetails, untilSent } from '../../support/notification/outbox.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWebhookReceiver, type ReceivedEvent } from '../../support/notification/webhook-receiver.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const SECRET = 'a secret of the tests';

interface CloudEvent {
  readonly specversion: string;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Starts a worker that notifies the receiver, on a task queue of its own. */
const test = base.extend(
  'prepare',
  ({ environment }) =>
    async (url: string, settings: Readonly<Record<string, string>> = { NOTIFY_SECRET: SECRET }) => {
      const { client, env, newId } = environment;
      const taskQueue = newId();
      const config = loadConfig({ ...env, TASK_QUEUE: taskQueue, NOTIFY_WEBHOOK: url, ...settings });
      const worker = await startWorker(
        config,
        createLogger({ level: 'error', file: `${directoryOf(config.data)}.log` }),
      );
      onTestFinished(() => worker.shutdown());
      return {
        start: (input: PipelineInputJson) =>
          client.workflow.start(workflowType.ratingPipeline, {
            workflowId: newId(),
            taskQueue,
            args: [input],
          }),
        registry: client.workflow.getHandle(registryWorkflowId(taskQueue, 'imdb-score')),
        untilSent: () => untilSent(client, taskQueue),
        outbox: () => outboxDetails(client, taskQueue),
      };
    },
);

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

function typesOf(received: readonly ReceivedEvent[]): string[] {
  return verifyOnce(received).map(({ type }) => type.replace('imdb-temporal.', ''));
}

describe('the receiver of notifications', () => {
  test('receives a failed run, signed, again with the same id until it is accepted', async ({ prepare }) => {
    const { url, received } = await startWebhookReceiver([503, 204]);
    const { start, untilSent } = await prepare(url);
    const run = await start({ dataset: { path: 'missing.csv' } });
    await expect(run.result()).rejects.toThrow();
    await untilSent();

    expect(received.length).toBeGreaterThanOrEqual(2);
    const [first, ...others] = received.map(verify);
    expect(others).toEqual(others.map(() => first));
    expect(first).toMatchObject({
      specversion: '1.0',
      type: 'imdb-temporal.run.failed',
      subject: run.workflowId,
      data: {
        workflowId: run.workflowId,
        url: expect.stringContaining(`/workflows/${run.workflowId}/`) as unknown,
        message: expect.stringMatching(/missing\.csv.*What to do: /) as unknown,
      },
    });
    expect(received[0]?.headers['content-type']).toContain('application/cloudevents+json');
  });

  test('receives that a run needs approval and that its model was promoted', async ({
    environment: { newTopic },
    prepare,
  }) => {
    const { url, received } = await startWebhookReceiver();
    const { start, untilSent } = await prepare(url);
    const run = await start({
      topic: newTopic(),
      forest: { trees: 1 },
      promotion: { approval: 'manual' },
    });
    await pollUntil('the request for approval to arrive', async () => received.length > 0);
    await run.executeUpdate(approvalUpdate.approve);
    const { model } = (await run.result()) as PipelineResult;
    await untilSent();

    const [attention, promotion, ...more] = verifyOnce(received);
    expect(attention).toMatchObject({ type: 'imdb-temporal.run.needs-attention' });
    expect(promotion).toMatchObject({
      type: 'imdb-temporal.model.promoted',
      data: { version: model.version, model: 'imdb-score' },
    });
    expect(more).toEqual([]);
  });

  test('that is away delays no run, and receives everything afterwards, in order', async ({
    environment: { newTopic },
    prepare,
  }) => {
    const answers = { statuses: [503] };
    const { url, received } = await startWebhookReceiver(() => answers.statuses);
    const { start, registry, untilSent, outbox } = await prepare(url, {
      NOTIFY_SECRET: SECRET,
      NOTIFY_EVENTS: NOTIFICATION_EVENTS.join(','),
      NOTIFY_NO_NEW_MODEL_HOURS: '0.0001',
    });
    const input = { topic: newTopic(), forest: { trees: 2 } };
    const first = (await (await start(input)).result()) as PipelineResult;
    await pollUntil('the champion to be old', async () => (await outbox()).includes(' 2 waiting,'));
    await (await start({ ...input, forest: { trees: 1, maxDepth: 1 } })).result();
    const worse = (await (
      await start({ ...input, forest: { trees: 1, maxDepth: 2 } })
    ).result()) as PipelineResult;
    await registry.executeUpdate(registryUpdate.promote, { args: [{ version: worse.model.version }] });
    await registry.executeUpdate(registryUpdate.rollback);
    await pollUntil('the outbox to need attention', async () => (await outbox()).includes('Needs attention'));
    answers.statuses = [204];
    await untilSent();

    const events = verifyOnce(received.filter(({ status }) => status === 204));
    expect(events.map(({ type, data }) => [type.replace('imdb-temporal.', ''), data['version']])).toEqual(
      expect.arrayContaining([
        ['model.promoted', first.model.version],
        ['model.overdue', first.model.version],
        ['model.kept', expect.any(String)],
        ['model.kept', worse.model.version],
        ['model.promoted', worse.model.version],
        ['model.promoted', first.model.version],
      ]),
    );
    const times = events.map(({ data: _, ...event }) => (event as unknown as { time: string }).time);
    expect(times).toEqual([...times].sort());
    // Accepted once each.
    expect(received.filter(({ status }) => status === 204)).toHaveLength(events.length);
  });

  test('that refuses a message does not hold up the next one', async ({ prepare }) => {
    const { url, received } = await startWebhookReceiver([400, 204]);
    const { start, untilSent, outbox } = await prepare(url);
    for (const path of ['first.csv', 'second.csv'])
      await expect((await start({ dataset: { path } })).result()).rejects.toThrow();
    await untilSent();

    expect(typesOf(received)).toEqual(['run.failed', 'run.failed']);
    expect(await outbox()).toMatch(/1 sent, 0 waiting, 1 given up[^]*given up.*status 400/);
  });

  test('of Slack gets a text with a link, for the chosen events only', async ({
    environment: { newTopic },
    prepare,
  }) => {
    const { url, received } = await startWebhookReceiver();
    const { start, untilSent } = await prepare(url, { NOTIFY_FORMAT: 'slack', NOTIFY_EVENTS: 'failed' });
    await (await start({ topic: newTopic(), forest: { trees: 1 } })).result();
    const failed = await start({ dataset: { path: 'missing.csv' } });
    await expect(failed.result()).rejects.toThrow();
    await untilSent();

    expect(received).toHaveLength(1);
    const { text } = JSON.parse(received[0]?.body ?? '') as { readonly text: string };
    expect(text).toMatch(/^:x: \*Failed\* <http[^|]+\|/);
    expect(text).toContain(failed.workflowId);
    expect(text).toMatch(/missing\.csv[^]*\*What to do:\* /);
  });
});
