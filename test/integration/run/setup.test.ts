import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { setUpNamespace } from '../../../src/cli/local/setup.ts';
import { loadConfig } from '../../../src/config.ts';
import { SEARCH_ATTRIBUTES, workflowType } from '../../../src/domain/names.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { FEW_ROWS, test as base } from '../../support/environment.ts';
import { imdb } from '../../support/command/imdb-command.ts';
import { createNamespace } from '../../support/namespace.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

/** `temporal.api.enums.v1.IndexedValueType` */
const INDEXED_AS_TEXT = 1;

/** Creates a namespace without our search attributes. */
const test = base.extend('createNamespace', { scope: 'file' }, ({ environment: { client, newId } }) => {
  return (): Promise<Client> => createNamespace(client, newId());
});

test('runs complete without search attributes; imdb setup makes runs findable', async ({
  environment: { env, newId, newTopic, writeCsv },
  createNamespace,
}) => {
  const films = Array.from({ length: 60 }, (_, i) => `${((i * 7) % 60) * 1_000},${(i % 90) / 10 + 1}`);
  await writeCsv('films.csv', ['budget,imdb_score', ...films].join('\n'));
  const client = await createNamespace();
  const { namespace } = client.options;
  const taskQueue = newId();
  const config = loadConfig({ ...env, TEMPORAL_NAMESPACE: namespace, TASK_QUEUE: taskQueue });
  const file = join(directoryOf(config.data), 'bare.log');
  const worker = await startWorker(config, createLogger({ level: 'info', file }));
  onTestFinished(() => worker.shutdown());
  const run = async () => {
    const handle = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue,
      args: [{ dataset: { path: 'films.csv' }, quality: FEW_ROWS, topic: newTopic(), forest: { trees: 1 } }],
    });
    expect(await handle.result()).toMatchObject({ rows: { kept: 60 } });
    return (await handle.describe()).typedSearchAttributes.getAll().map(({ key }) => key.name);
  };

  expect(await run()).not.toContain('PipelineState');
  expect(await readFile(file, 'utf8')).toContain('runs continue without search attributes; \\"imdb setup\\"');

  expect(await setUpNamespace(client)).toContain('registered: PipelineState (Keyword), PipelineStep');
  expect(
    await pollUntil('a run to be findable', async () => {
      const names = await run();
      return names.includes('PipelineState') && names;
    }),
  ).toEqual(
    expect.arrayContaining([
      'PipelineState',
      'PipelineStep',
      'DatasetSha',
      'ModelVersion',
      'Rmse',
      'RowsScored',
    ]),
  );
});

test('imdb setup can be repeated, and lists what was registered before', async ({ createNamespace }) => {
  const client = await createNamespace();
  const all = Object.entries(SEARCH_ATTRIBUTES)
    .map(([name, type]) => `${name} (${type})`)
    .join(', ');

  expect(await setUpNamespace(client)).toBe(
    `namespace "${client.options.namespace}":\n  registered: ${all}\n  already registered: nothing`,
  );
  await pollUntil('the attributes to be listed', async () => {
    const again = await setUpNamespace(client);
    return again.endsWith(`registered: nothing\n  already registered: ${all}`);
  });
});

test('imdb setup names a search attribute of another type and how to remove it', async ({
  environment: { env },
  createNamespace,
}) => {
  const client = await createNamespace();
  const { namespace } = client.options;
  const text = Object.fromEntries([['Rmse', INDEXED_AS_TEXT]]);
  await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes: text });

  const { exitCode, stderr } = await imdb(['setup'], { ...env, TEMPORAL_NAMESPACE: namespace });
  expect(exitCode).toBe(2);
  expect(stderr).toContain('registered: PipelineState (Keyword)');
  expect(stderr).toContain('of another type: Rmse; expected Rmse (Double)');
  expect(stderr).toContain(`temporal operator search-attribute remove --namespace ${namespace} --name Rmse`);
});
