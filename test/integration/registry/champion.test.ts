import { WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect } from 'vitest';
import {
  approvalUpdate,
  PROGRESS_QUERY,
  registryUpdate,
  streamSignal,
  workflowType,
} from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineProgress } from '../../../src/domain/run/progress.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { test as base } from '../../support/registry.ts';

const GOOD = { trees: 20 };
/** One split: hardly better than the mean. */
const POOR = { trees: 1, maxDepth: 1 };

const test = base
  .extend('films', { scope: 'file' }, async ({ environment }) => {
    const rows = Array.from({ length: 1_500 }, (_, i) => {
      const budget = (i * 7_919) % 1_000;
      return `${budget},${(budget / 125 + ((i * 31) % 10) / 10).toFixed(2)}`;
    });
    await environment.writeCsv('rated.csv', ['budget,imdb_score', ...rows].join('\n'));
    return { path: 'rated.csv' };
  })
  .extend('startRun', { scope: 'file' }, ({ environment, films, worker: _worker }) => {
    return (input: PipelineInputJson) =>
      environment.client.workflow.start(workflowType.ratingPipeline, {
        workflowId: environment.newId(),
        taskQueue: environment.config.taskQueue,
        args: [{ dataset: films, topic: environment.newTopic(), ...input }],
      });
  })
  .extend('run', { scope: 'file' }, ({ startRun }) => {
    return async (input: PipelineInputJson) => (await (await startRun(input)).result()) as PipelineResult;
  });

describe('a run’s model', () => {
  test('is promoted when it is the first or better, and not when it is worse', async ({ run, registry }) => {
    const promotion = { model: 'rated' };
    const first = await run({ promotion, forest: POOR });
    expect(first.promotion).toMatchObject({ change: 'promoted', reason: 'the first model of this name' });

    const better = await run({ promotion, forest: GOOD });
    expect(better.promotion).toMatchObject({
      model: 'rated',
      change: 'promoted',
      champion: better.model.version,
      comparison: { champion: first.model.version, rows: better.rows.batch },
    });
    const { interval, difference, margin, challengerRmse } = better.promotion.comparison ?? {};
    expect(interval?.[1]).toBeLessThan(0);
    expect(difference).toBeGreaterThan(interval?.[0] ?? 0);
    expect(difference).toBeLessThan(interval?.[1] ?? 0);
    expect(margin).toBeGreaterThan(0);
    expect(challengerRmse).toBeCloseTo(better.metrics.batch.rmse, 9);

    const worse = await run({ promotion, forest: { ...POOR, seed: 7 } });
    expect(worse.promotion).toMatchObject({ change: 'kept', champion: better.model.version });
    expect(worse.promotion.reason).toMatch(
      /95 % interval \+.* to \+.*: not within the margin of \+.* at 95 %$/,
    );
    // A model that is not promoted still scores its own run.
    expect(worse.predicted).toBe(worse.rows.stream);

    const same = await run({ promotion, forest: GOOD });
    expect(same.promotion).toMatchObject({ change: 'unchanged', champion: better.model.version });
    const otherFeatures = await run({
      promotion: { ...promotion, maxRmseIncrease: 1 },
      dataset: { path: 'movies.csv' },
      forest: { trees: 1 },
    });
    expect(otherFeatures.promotion).toMatchObject({ change: 'refused', champion: better.model.version });
    expect(otherFeatures.promotion.reason).toContain('its features differ from those of the champion');
    const otherSplit = await run({ promotion, forest: GOOD, split: { seed: 1 } });
    expect(otherSplit.promotion).toMatchObject({ change: 'refused', champion: better.model.version });
    expect(otherSplit.promotion.reason).toContain('may have been trained on the rows of this comparison');

    const back = await registry.handle('rated').executeUpdate(registryUpdate.rollback);
    expect(back).toMatchObject({ change: 'rolled back', champion: first.model.version });
    expect((await registry.champion('rated'))?.model.version).toBe(first.model.version);
    const history = await registry.history('rated');
    expect(history.map(({ change }) => change)).toEqual([
      'promoted',
      'promoted',
      'kept',
      'unchanged',
      'refused',
      'refused',
      'rolled back',
    ]);
    expect(history[1]).toMatchObject({ interval, reason: better.promotion.reason });
  });

  test('started from the UI’s empty form becomes the champion of the default name', async ({
    environment: { client, config, newId },
    worker: _worker,
    registry,
  }) => {
    const result = (await client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
    })) as PipelineResult;

    expect(result.promotion).toMatchObject({ model: 'imdb-score', change: 'promoted', comparison: null });
    expect((await registry.champion('imdb-score'))?.model).toMatchObject({
      version: result.model.version,
      run: result.run,
      rmse: result.metrics.batch.rmse,
    });
  });

  test('is compared with a model proposed at the same time; both are recorded', async ({ run, registry }) => {
    const promotion = { model: 'at-once', maxRmseIncrease: 1 };
    const results = await Promise.all(
      [1, 2, 3].map((seed) => run({ promotion, forest: { ...GOOD, trees: 3, seed } })),
    );

    const history = await registry.history('at-once');
    expect(history.map(({ model }) => model.run).sort()).toEqual(results.map((result) => result.run).sort());
    expect(history.map(({ change }) => change)).toEqual(['promoted', 'promoted', 'promoted']);
    // Each but the first was judged against the one before it, whatever was champion when it began to compare.
    const versions = history.map(({ model }) => model.version);
    const judged = history.map(({ model }) => results.find((result) => result.run === model.run)?.promotion);
    expect(judged.map((promoted) => promoted?.comparison?.champion)).toEqual([
      undefined,
      ...versions.slice(0, 2),
    ]);
    expect((await registry.champion('at-once'))?.model.version).toBe(versions.at(-1));
  });
});

describe('with approval "manual" a run', () => {
  const asking = (name: string, more: object = {}) =>
    ({ forest: { trees: 1 }, promotion: { model: name, approval: 'manual', ...more } }) as const;

  test('waits for a person, says so, and promotes when it is approved', async ({
    environment: { client, config, newId, newTopic },
    films,
    worker: _worker,
    registry,
  }) => {
    // Paused before its first step, it cannot wait for the approval yet.
    const handle = await client.workflow.signalWithStart(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
      args: [{ dataset: films, topic: newTopic(), ...asking('approved') }],
      signal: streamSignal.pause,
    });
    await expect(refusalOf(handle.executeUpdate(approvalUpdate.approve))).resolves.toMatch(
      /this run does not wait for an approval: expected a run with promotion.approval "manual"/,
    );
    await handle.signal(streamSignal.resume);
    const attention = await pollUntil('the request for approval', async () => {
      return (await handle.query<PipelineProgress>(PROGRESS_QUERY)).attention;
    });
    expect(attention).toMatch(/^may model [0-9a-f]{12} become the champion of approved\?/);
    expect(await registry.champion('approved')).toBeNull();
    await expect(
      refusalOf(handle.executeUpdate(approvalUpdate.approve, { args: [{ nota: 'x' }] })),
    ).resolves.toContain('unknown field "nota", expected some of note');

    expect(await handle.executeUpdate(approvalUpdate.approve, { args: [{ note: 'looks good' }] })).toMatch(
      /^approved: the run goes on/,
    );
    const { promotion, model } = (await handle.result()) as PipelineResult;
    expect(promotion).toMatchObject({ change: 'promoted', champion: model.version });
    expect(promotion.reason).toBe('approved (looks good); the first model of this name');
  });

  test('keeps the champion when it is rejected, and continues', async ({ startRun, registry }) => {
    const handle = await startRun(asking('rejected'));
    await pollUntil('the request for approval', async () => {
      return handle.executeUpdate(approvalUpdate.reject, { args: [{ note: 'no' }] }).then(
        () => true,
        () => false,
      );
    });
    const { promotion, predicted, rows } = (await handle.result()) as PipelineResult;
    expect(promotion).toMatchObject({
      change: 'rejected',
      champion: null,
      reason: expect.stringMatching(/^rejected \(no\)/) as string,
    });
    expect(predicted).toBe(rows.stream);
    expect(await registry.champion('rejected')).toBeNull();
  });

  test('keeps the champion when no answer arrives in time', async ({ run }) => {
    const { promotion } = await run(asking('unanswered', { approvalTimeoutHours: 1 / 3_600 }));
    expect(promotion).toMatchObject({ change: 'rejected', champion: null });
    expect(promotion.reason).toContain('not approved within');
  });
});

async function refusalOf(update: Promise<unknown>): Promise<string> {
  const error: unknown = await update.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof WorkflowUpdateFailedError ? (error.cause?.message ?? '') : String(error);
}
