import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { expect } from 'vitest';
import { predictionsTopic, streamWorkflowId, microBatchWorkflowId } from '../../../src/domain/names.ts';
import { CRASH_INPUT, runThroughCrashes } from '../../support/worker/crash-run.ts';
import { test } from '../../support/environment.ts';
import { readTopic } from '../../support/log/read-topic.ts';

test('a run survives workers killed in training and in a micro-batch, each row once', async ({
  environment: { client, config, env, kafka, newId, newTopic },
}) => {
  const topic = newTopic();
  const workflowId = newId();
  const { taskQueue } = config;

  const { result, doneBeforeCrash, crashedAtMs } = await runThroughCrashes(client, env, {
    workflowId,
    taskQueue,
    input: { ...CRASH_INPUT, topic },
  });

  // The kill came in time: batches were left, and training was tried again.
  expect(doneBeforeCrash).toBeLessThan(result.batches);
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const attempts = events?.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0) ?? [];
  expect(Math.max(...attempts)).toBeGreaterThan(1);

  const keys = (await readTopic(kafka, predictionsTopic(topic))).map(({ key }) => String(key));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(result.rows.stream);
  expect(result.predicted).toBe(result.rows.stream);

  // What was done stayed done: no activity of a batch that had ended ran again.
  const stream = streamWorkflowId(workflowId);
  const batches = await Promise.all(
    Array.from({ length: result.batches }, async (_, batch) => {
      const child = client.workflow.getHandle(microBatchWorkflowId(stream, batch));
      const own = (await child.fetchHistory()).events ?? [];
      const attempts = own.flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
      return { endedAtMs: optionalTsToMs(own.at(-1)?.eventTime) ?? Infinity, attempts };
    }),
  );
  const ended = batches.filter(({ endedAtMs }) => endedAtMs < crashedAtMs);
  expect(ended.length).toBeGreaterThanOrEqual(doneBeforeCrash);
  expect(ended.map(({ attempts: own }) => own)).toEqual(ended.map(() => [1, 1, 1]));
});
