import { mkdir, mkdtemp, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { GC_SCHEDULE_ID } from '../../../src/domain/names.ts';
import { imdb } from '../../support/command/imdb-command.ts';
import { test } from '../../support/environment.ts';
import { createNamespace } from '../../support/namespace.ts';
import { filesBelow } from '../../support/unit/temp-dir.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

const LONG_AGO = new Date(Date.now() - 40 * 86_400_000);
const OLD = 'runs/forgotten/1/train-0123456789ab.arrow';
const YOUNG = 'runs/forgotten/1/model-0123456789ab.model';

test('a schedule removes what nothing refers to, by a workflow', async ({ environment }) => {
  const { newId } = environment;
  // Elsewhere in the suite are registries without a worker, which gc asks in vain.
  const client = await createNamespace(environment.client, newId());
  const store = await mkdtemp(join(tmpdir(), 'imdb-gc-'));
  const env = {
    ...environment.env,
    ARTIFACT_STORE: store,
    TASK_QUEUE: newId(),
    TEMPORAL_NAMESPACE: client.options.namespace,
  };
  const worker = await startWorker(loadConfig(env), createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  for (const uri of [OLD, YOUNG]) {
    await mkdir(dirname(join(store, uri)), { recursive: true });
    await writeFile(join(store, uri), 'forgotten');
  }
  await utimes(join(store, OLD), LONG_AGO, LONG_AGO);

  const apply = ['artifacts', 'schedule', '--keep-days', '30', '--timezone', 'UTC'];
  const created = await imdb(apply, env);
  const schedule = client.schedule.getHandle(GC_SCHEDULE_ID);
  onTestFinished(() => schedule.delete());
  expect(created.stdout).toContain('schedule "artifacts-gc" created: every day at 04:00 UTC');
  const updated = await imdb([...apply, '--at', '05:30'], env);
  expect(updated.stdout).toContain('at: 04:00 → 05:30');
  const triggered = await imdb(['schedule', 'trigger', '--id', GC_SCHEDULE_ID], env);

  const [, workflowId = ''] = /started: (\S+)/.exec(triggered.stdout) ?? [];
  expect(await client.workflow.getHandle(workflowId).result()).toEqual({ removed: 1, bytes: 9 });
  const left = await filesBelow(store);
  expect(left).toContain(YOUNG);
  expect(left).not.toContain(OLD);
});
