import { describe, expect } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { good, test, untilProgress } from '../../support/stream.ts';
import { breakActivity, detailsOf, prepareWorker, SOON_MS, statesOf } from '../../support/trouble/trouble.ts';

describe('a continuous stream needs attention, and continues by itself, when it fails to', () => {
  test.for([
    ['open its position', 'openStream', 'openStream'],
    ['look for new records', 'listOffsets', 'listOffsets'],
    ['score a micro-batch', 'consumeMicroBatch', 'batch 0 (consumeMicroBatch)'],
    ['commit its position', 'commitProgress', 'commitProgress'],
  ] as const)('%s', async ([, activity, work], { environment, trained, createTopic, produce }) => {
    const { client, newId } = environment;
    const { start, taskQueue, notified } = await prepareWorker(environment);
    const bug = breakActivity(activity, () => new TypeError('lanes is not iterable'));
    await start({ troubleAfterMs: SOON_MS, interceptors: { activity: [bug.interceptor] } });
    const topic = await createTopic(1);
    await produce(topic, 0, [good(1), good(2)]);
    const stream = await client.workflow.start(workflowType.scoreStream, {
      workflowId: newId(),
      taskQueue,
      args: [{ topic, model: trained.model, trigger: { intervalSeconds: 0.5 } }],
    });

    const details = await pollUntil('the stream to need attention', async () => {
      const text = await detailsOf(stream).catch(() => '');
      return /needs attention/i.test(text) && text;
    });
    expect(details).toContain(`${work} has not succeeded since`);
    expect(details).toContain('TypeError: lanes is not iterable');
    bug.fix();
    await pollUntil('the stream to run again', async () => (await statesOf(stream)).at(-1) === 'Running');
    await untilProgress(client, stream.workflowId, 'two predictions', ({ predicted }) => predicted === 2);
    await stream.signal('stop');
    expect(await stream.result()).toMatchObject({ predicted: 2 });
    expect((await statesOf(stream)).slice(-3)).toEqual(['NeedsAttention', 'Running', 'Completed']);
    expect(await notified('run.needs-attention')).toMatchObject([
      { subject: stream.workflowId, data: { activity, failure: 'TypeError' } },
    ]);
  });
});
