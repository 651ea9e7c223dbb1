import { describe, expect, onTestFinished } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test, type TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorkerProcess } from '../../support/worker/worker-process.ts';

async function startRun({ client, config, newId, newTopic }: TestEnvironment, forest: object) {
  const input: PipelineInputJson = { topic: newTopic(), forest };
  return client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [input],
  });
}

type Run = Awaited<ReturnType<typeof startRun>>;

/** The attempt that succeeded, of each activity of a type. */
async function attemptsOf(run: Run, activity: string): Promise<number[]> {
  const { events } = await run.fetchHistory();
  const scheduled = events?.filter(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === activity,
  );
  return (scheduled ?? []).map(({ eventId }) => {
    const started = events?.find(({ activityTaskStartedEventAttributes: attributes }) =>
      attributes?.scheduledEventId?.eq(eventId ?? 0),
    );
    return started?.activityTaskStartedEventAttributes?.attempt ?? 0;
  });
}

describe('training in shards', () => {
  test('makes the model, to the byte, that one activity makes', async ({ environment }) => {
    const worker = await startWorkerProcess(environment.env);
    onTestFinished(worker.kill);
    const whole = await startRun(environment, { trees: 10 });
    const sharded = await startRun(environment, { trees: 10, shards: 3 });
    const [one, three] = (await Promise.all([whole.result(), sharded.result()])) as PipelineResult[];

    expect(await attemptsOf(whole, 'trainForest')).toHaveLength(1);
    expect(await attemptsOf(sharded, 'growTrees')).toHaveLength(3);
    expect(await attemptsOf(sharded, 'assembleForest')).toHaveLength(1);
    expect(three?.model.version).toBe(one?.model.version);
    expect(three?.quality).toEqual(one?.quality);
    expect(three?.predictionsSha256).toBe(one?.predictionsSha256);
  });

  test('spreads over workers; a killed worker costs its own shard only', async ({ environment }) => {
    const workers = await Promise.all([
      startWorkerProcess(environment.env),
      startWorkerProcess(environment.env),
    ]);
    for (const { kill } of workers) onTestFinished(kill);
    const run = await startRun(environment, { trees: 10_000, maxDepth: 8, shards: 4 });
    await pollUntil('both workers to be growing trees', async () => {
      const { raw } = await run.describe();
      const growing = raw.pendingActivities?.filter(({ lastStartedTime }) => lastStartedTime) ?? [];
      return new Set(growing.map(({ lastWorkerIdentity }) => lastWorkerIdentity)).size === 2;
    });
    await workers[0].kill();
    const { predicted, rows } = (await run.result()) as PipelineResult;

    expect((await attemptsOf(run, 'growTrees')).sort()).toEqual([1, 1, 1, 2]);
    expect(predicted).toBe(rows.stream);
  });
});
