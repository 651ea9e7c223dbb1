import { WorkflowFailedError } from '@temporalio/client';
import { expect } from 'vitest';
import {
  deadLettersTopic,
  predictionsTopic,
  PROGRESS_QUERY,
  streamWorkflowId,
  workflowType,
} from '../../../src/domain/names.ts';
import type { StreamProgress } from '../../../src/domain/run/progress.ts';
import { existingTopics } from '../../support/log/create-topics.ts';
import { test } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startGatedWorker } from '../../support/worker/gated-worker.ts';

test('a cancelled run cancels its children and leaves no partial file or extra topic', async ({
  environment,
}) => {
  const { client, kafka, newId, newTopic } = environment;
  const gated = await startGatedWorker(environment, 'consumeMicroBatch', 8);
  const workflowId = newId();
  const topic = newTopic();
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId,
    taskQueue: gated.taskQueue,
    args: [{ topic, forest: { trees: 2 }, stream: { microBatchRows: 1, inFlight: 4 } }],
  });
  const stream = client.workflow.getHandle(streamWorkflowId(workflowId));
  await pollUntil('some micro-batches to be done', async () => {
    const progress = await stream.query<StreamProgress>(PROGRESS_QUERY).catch(() => undefined);
    return progress && progress.done > 3;
  });

  await handle.cancel();
  gated.open();
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);

  const states = new Map<string, string>();
  await pollUntil('the server to list the ended workflows', async () => {
    const query = `WorkflowId STARTS_WITH "${workflowId}"`;
    for await (const { workflowId: id, status } of client.workflow.list({ query }))
      states.set(id, status.name);
    return states.has(workflowId) && ![...states.values()].includes('RUNNING');
  });
  expect(states.get(workflowId)).toBe('CANCELLED');
  expect(states.get(streamWorkflowId(workflowId))).toBe('CANCELLED');
  expect(new Set(states.values())).toEqual(new Set(['CANCELLED', 'COMPLETED']));

  const files = await environment.files.uris();
  expect(files.filter((file) => file.endsWith('.tmp'))).toEqual([]);
  const admin = kafka.admin();
  await admin.connect();
  const topics = [topic, deadLettersTopic(topic), predictionsTopic(topic)];
  expect(await existingTopics(admin, topics)).toEqual(topics);
  await admin.disconnect();
});
