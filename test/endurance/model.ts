import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workflowType } from '../../src/domain/names.ts';
import type { PipelineResult } from '../../src/domain/run/step-results.ts';
import type { EnduranceEnvironment } from './environment.ts';

/** A model of one feature, `budget`. */
export async function trainModel(
  { client, taskQueue, dataDir }: EnduranceEnvironment,
  workflowId = 'trained',
): Promise<PipelineResult['model']> {
  const films = Array.from({ length: 2_000 }, (_, i) => `${(i * 7_919) % 1_000},${1 + ((i * 31) % 90) / 10}`);
  await writeFile(join(dataDir, 'films.csv'), ['budget,imdb_score', ...films].join('\n'));
  const result = (await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId,
    taskQueue,
    args: [{ dataset: { path: 'films.csv' }, topic: workflowId }],
  })) as PipelineResult;
  return result.model;
}
