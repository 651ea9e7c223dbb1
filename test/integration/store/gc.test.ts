import { mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { FEW_ROWS, test } from '../../support/environment.ts';
import { createNamespace } from '../../support/namespace.ts';
import { filesBelow } from '../../support/unit/temp-dir.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';

const LONG_AGO = new Date(Date.now() - 40 * 86_400_000);
const FORGOTTEN = ['runs/forgotten/1/train-0123456789ab.arrow', 'runs/forgotten/1/model-0123456789ab.model'];

test('in the middle of runs and a stream, only what nothing refers to is removed', async ({
  environment,
}) => {
  const { newId, newTopic } = environment;
  // Elsewhere in the suite are registries without a worker, which gc asks in vain.
  const client = await createNamespace(environment.client, newId());
  // Files whose time can be set, also when the suite runs on an object store.
  const store = await mkdtemp(join(tmpdir(), 'imdb-gc-'));
  const taskQueue = newId();
  const env = {
    ...environment.env,
    ARTIFACT_STORE: store,
    TASK_QUEUE: taskQueue,
    TEMPORAL_NAMESPACE: client.options.namespace,
  };
  const config = loadConfig(env);
  const worker = await startWorker(config, createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const topic = newTopic();
  const start = (ofRun = newTopic()) =>
    client.workflow.start(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue,
      args: [{ topic: ofRun, quality: FEW_ROWS, forest: { trees: 3 }, stream: { microBatchRows: 50 } }],
    });
  const gc = async (...more: string[]) =>
    jsonOf(await imdb(['artifacts', 'gc', '--keep-days', '30', '--json', ...more], env)) as {
      readonly removed: number;
      readonly uris: readonly string[];
    };

  for (const uri of FORGOTTEN) {
    await mkdir(dirname(join(store, uri)), { recursive: true });
    await writeFile(join(store, uri), 'forgotten');
  }
  const first = (await (await start(topic)).result()) as PipelineResult;
  const running = await Promise.all([start(), start()]);
  const stream = await client.workflow.start(workflowType.scoreStream, {
    workflowId: newId(),
    taskQueue,
    args: [
      { topic, start: 'earliest', model: { version: first.model.version, artifact: first.model.artifact } },
    ],
  });
  const results = Promise.all(running.map((handle) => handle.result()));
  const isDone = { yet: false };
  void results.finally(() => (isDone.yet = true)).catch(() => undefined);

  await makeOld(store);
  expect(await gc('--dry-run')).toMatchObject({ removed: 2 });
  expect([...(await gc()).uris].sort()).toEqual([...FORGOTTEN].sort());
  do {
    await makeOld(store);
    expect(await gc()).toMatchObject({ removed: 0 });
  } while (!isDone.yet);

  expect((await results).map((result) => (result as PipelineResult).predicted > 0)).toEqual([true, true]);
  expect((await stream.describe()).status.name).toBe('RUNNING');
  await stream.terminate();
  const champion = await imdb(['model', 'show', 'imdb-score@champion'], env);
  expect(champion.exitCode).toBe(0);
});

/** As if everything had been written long ago: only references can keep it. */
async function makeOld(directory: string): Promise<void> {
  for (const file of await filesBelow(directory))
    await utimes(join(directory, file), LONG_AGO, LONG_AGO).catch(() => undefined);
}
