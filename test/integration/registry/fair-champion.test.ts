import { describe, expect } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { test as base } from '../../support/registry.ts';

const FILMS = 1_200;

/** Films whose votes grow from one night to the next, so that a hash of the row changes every night. */
function films(night: number, columns: readonly string[]): string {
  const rows = Array.from({ length: FILMS }, (_, i) => {
    const budget = (i * 7_919) % 1_000;
    const cells: Readonly<Record<string, string | number>> = {
      title: `Film ${i}`,
      votes: ((i * 104_729) % 5_000) + night,
      budget,
      cost: budget,
      score: (budget / 125 + ((i * 31) % 10) / 10).toFixed(2),
    };
    return columns.map((column) => cells[column]).join(',');
  });
  return [columns.join(','), ...rows].join('\n');
}

const test = base
  .extend('tables', { scope: 'file' }, async ({ environment }) => {
    const columns = ['title', 'votes', 'budget', 'score'];
    const write = async (path: string, night: number, names = columns) => {
      await environment.writeCsv(path, films(night, names));
      return path;
    };
    return {
      night1: await write('night1.csv', 1),
      night2: await write('night2.csv', 2),
      reordered: await write('night2-reordered.csv', 2, ['budget', 'score', 'title', 'votes']),
      renamed: await write('night2-renamed.csv', 2, ['title', 'votes', 'cost', 'score']),
    };
  })
  .extend('run', { scope: 'file' }, ({ environment, worker: _worker }) => {
    return async (model: string, dataset: NonNullable<PipelineInputJson['dataset']>, seed = 42) =>
      (await environment.client.workflow.execute(workflowType.ratingPipeline, {
        workflowId: environment.newId(),
        taskQueue: environment.config.taskQueue,
        args: [
          {
            dataset: { target: 'score', ...dataset },
            topic: environment.newTopic(),
            forest: { trees: 10, seed },
            promotion: { model, maxRmseIncrease: 1 },
          },
        ],
      })) as PipelineResult;
  });

describe('the model of the next night', () => {
  test('is refused without a key, because the champion may have learnt its rows', async ({ run, tables }) => {
    const first = await run('keyless', { path: tables.night1 });
    const next = await run('keyless', { path: tables.night2 });

    expect(next.promotion).toMatchObject({ change: 'refused', champion: first.model.version });
    expect(next.promotion.comparison).toBeNull();
    expect(next.promotion.reason).toContain('no column identifies a film, and the dataset is another one');
    expect(next.promotion.reason).toContain('cells are all filled and different (title), and promote');
    expect(next.dataset.keyCandidates).toEqual(['title']);
    // Another forest on the same rows is compared: each row is in the same split.
    const again = await run('keyless', { path: tables.night1 }, 7);
    expect(again.promotion).toMatchObject({ change: 'promoted', comparison: { rows: first.rows.batch } });
  });

  test('is compared by its key, whatever the order of the columns', async ({ run, tables }) => {
    const key = 'title';
    const first = await run('keyed', { path: tables.night1, key });
    const next = await run('keyed', { path: tables.night2, key });
    expect(next.promotion).toMatchObject({
      change: 'promoted',
      champion: next.model.version,
      comparison: { champion: first.model.version, rows: next.rows.batch },
    });

    const reordered = await run('keyed', { path: tables.reordered, key }, 7);
    expect(reordered.model.features).toEqual(['budget', 'votes']);
    expect(reordered.promotion).toMatchObject({
      change: 'promoted',
      comparison: { champion: next.model.version, rows: next.rows.batch },
    });
    // The champion reads its own columns: with swapped ones, its error would be far larger.
    expect(reordered.promotion.comparison?.championRmse).toBeCloseTo(next.metrics.batch.rmse, 9);
  });

  test('is refused with the names of the columns that are gone and new', async ({ run, tables }) => {
    const key = 'title';
    const first = await run('renamed', { path: tables.night1, key });
    const next = await run('renamed', { path: tables.renamed, key });

    expect(next.promotion).toMatchObject({ change: 'refused', champion: first.model.version });
    expect(next.promotion.reason).toContain('(gone: budget; new: cost)');
  });
});
