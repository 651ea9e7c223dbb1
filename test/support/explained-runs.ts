import { diagnose } from '../../src/cli/explain/explain.ts';
import { diagnosisText } from '../../src/cli/explain/text.ts';
import { workflowType } from '../../src/domain/names.ts';
import { FEW_ROWS } from './environment.ts';
import { test as base } from './stream.ts';

export const FILMS = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);
export const HEADER = 'budget,imdb_score';

/** Starts runs, and explains them as `imdb explain` does. */
export const test = base
  .extend('explained', { scope: 'file' }, ({ environment: { client, config } }) => async (id: string) => {
    const diagnosis = await diagnose(client, config.temporal, id);
    const text = diagnosisText(diagnosis, new Date().toISOString());
    return { ...diagnosis, text };
  })
  .extend('startRun', { scope: 'file' }, ({ environment: { client, config, newId, newTopic } }) => {
    return (input: object, taskQueue = config.taskQueue) =>
      client.workflow.start(workflowType.ratingPipeline, {
        workflowId: newId(),
        taskQueue,
        args: [{ topic: newTopic(), quality: FEW_ROWS, forest: { trees: 1 }, ...input }],
      });
  });
