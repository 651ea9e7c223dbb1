import { expect } from 'vitest';
import { predictionsTopic, streamWorkflowId, microBatchWorkflowId } from '../../src/domain/names.ts';
import { CRASH_INPUT, runThroughCrashes } from '../support/crash-run.ts';
import { test } from '../support/environment.ts';
import { readTopic } from '../support/read-topic.ts';

test(
  'a run whose worker is killed in training and in a micro-batch finishes, and no row is predicted twice',
  {
    timeout: 180_000,
  },
  async ({ environment: { client, config, env, kafka, newId, newTopic } }) => {
    const topic = newTopic();
    const workflowId = newId();
    const { taskQueue } = config;

    const { result, doneBeforeCrash } = await runThroughCrashes(client, env, {
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

    // What was done stayed done: the first batches ran once, each activity at its first attempt.
    for (const batch of [0, 1]) {
      const child = client.workflow.getHandle(microBatchWorkflowId(streamWorkflowId(workflowId), batch));
      const history = await child.fetchHistory();
      const childAttempts = history.events?.flatMap(
        (event) => event.activityTaskStartedEventAttributes?.attempt ?? [],
      );
      expect(childAttempts).toEqual([1, 1, 1]);
    }
  },
);
