import { expect, inject } from 'vitest';
import { predictionsTopic } from '../../../src/domain/names.ts';
import { CRASH_INPUT, runThroughCrashes } from '../../support/worker/crash-run.ts';
import { test } from '../../support/environment.ts';
import { readTopic } from '../../support/log/read-topic.ts';

test('a run survives workers killed in training and in a micro-batch, each row once', async ({
  environment: { client, config, env, kafka, newId, newTopic },
}) => {
  const topic = newTopic();

  const { result, journal } = await runThroughCrashes(client, env, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    input: { ...CRASH_INPUT, topic },
    bundleFile: inject('bundleFile'),
  });

  const lines = journal.flatMap((line) => ('activity' in line ? [line] : []));
  const attemptsOf = (activity: string, part: string): number =>
    lines.filter((line) => line.event === 'started' && line.activity === activity && line.part === part)
      .length;
  expect(new Set(lines.map(({ pid }) => pid)).size).toBeGreaterThanOrEqual(3);
  expect(attemptsOf('trainForest', '')).toBeGreaterThan(1);
  expect(attemptsOf('publishPredictions', '3')).toBeGreaterThan(1);

  const keys = (await readTopic(kafka, predictionsTopic(topic))).map(({ key }) => String(key));
  expect(new Set(keys).size).toBe(keys.length);
  expect(keys).toHaveLength(result.rows.stream);
  expect(result.predicted).toBe(result.rows.stream);
});
