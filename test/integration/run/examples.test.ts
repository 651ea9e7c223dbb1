import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import { test } from '../../support/environment.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

test.for<[string, object]>([
  ['small-and-fast.json', { rows: { loaded: 3_201 }, dataset: { target: 'imdb_score' } }],
  [
    'other-table.json',
    { rows: { loaded: 200, dropped: 6 }, dataset: { target: 'quality', keyColumn: 'bottle' } },
  ],
])(
  'a run with the input examples/%s completes',
  async ([name, expected], { environment, worker: _worker }) => {
    const { client, config, newId } = environment;
    await copyFile(join(EXAMPLES, 'wine-like.csv'), join(directoryOf(config.data), 'wine-like.csv'));
    const input: unknown = JSON.parse(await readFile(join(EXAMPLES, name), 'utf8'));

    const result: unknown = await client.workflow.execute(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue: config.taskQueue,
      args: [input],
    });
    expect(result).toMatchObject({ ...expected, deadLettered: 0 });
  },
);
