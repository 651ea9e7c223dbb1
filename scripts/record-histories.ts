/**
 * Records the histories that test/unit/workflows/replay.test.ts replays: a success, a failure, a run through two worker
 * crashes, one that was approved, its model registry with decisions by hand, a continuous stream, and notifications. Run it
 * for a new release, with its folder in HISTORIES, and never to make a failing replay pass: such a failure means that runs
 * in progress would break.
 *
 *   npx tsx scripts/record-histories.ts
 */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { loadProcessConfig } from '../src/config.ts';
import { startLocalServices } from '../src/dev/local-services.ts';
import { ensureSampleDataset } from '../src/dev/sample-dataset.ts';
import {
  approvalUpdate,
  microBatchWorkflowId,
  PROGRESS_QUERY,
  registryUpdate,
  registryWorkflowId,
  streamWorkflowId,
  workflowType,
} from '../src/domain/names.ts';
import { NOTIFICATION_EVENTS, outboxWorkflowId } from '../src/domain/notification/notification.ts';
import type { PipelineProgress } from '../src/domain/run/progress.ts';
import type { PipelineResult } from '../src/domain/run/step-results.ts';
import { CRASH_INPUT, runThroughCrashes } from '../test/support/worker/crash-run.ts';
import { pollUntil } from '../test/support/poll-until.ts';
import { startWorkerProcess } from '../test/support/worker/worker-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** The histories of the version that is recorded; those of earlier versions are never changed. */
const HISTORIES = join(ROOT, 'test', 'histories', '1.0');
const taskQueue = 'imdb-histories';

await mkdir(HISTORIES, { recursive: true });
const directory = await mkdtemp(join(tmpdir(), 'imdb-histories-'));
const services = await startLocalServices({
  ...loadProcessConfig().local,
  stateDir: join(directory, 'state'),
  onMessage: (line) => process.stderr.write(`${line}\n`),
});
try {
  const env = {
    TEMPORAL_ADDRESS: services.temporalAddress,
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    TASK_QUEUE: taskQueue,
    DATA_DIR: join(directory, 'data'),
    ARTIFACT_STORE: join(directory, 'artifacts'),
    REPORT_PORT: 'off',
  };
  await ensureSampleDataset(env.DATA_DIR);
  const client = new Client({ connection: await Connection.connect({ address: services.temporalAddress }) });

  await runThroughCrashes(client, env, { workflowId: 'crash', taskQueue, input: CRASH_INPUT });
  await save(client, 'crash', 'crash');
  await save(client, streamWorkflowId('crash'), 'crash-stream');

  const receiver = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const worker = await startWorkerProcess({
    ...env,
    NOTIFY_WEBHOOK: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
    NOTIFY_SECRET: 'a secret of the histories',
    NOTIFY_EVENTS: NOTIFICATION_EVENTS.join(','),
    NOTIFY_NO_NEW_MODEL_HOURS: '36',
  });
  try {
    const start = (workflowId: string, input: object) =>
      client.workflow.execute(workflowType.ratingPipeline, { workflowId, taskQueue, args: [input] });
    await start('success', { forest: { trees: 1 } });
    await save(client, 'success', 'success');
    await save(client, streamWorkflowId('success'), 'success-stream');
    await save(client, microBatchWorkflowId(streamWorkflowId('success'), 0), 'success-micro-batch');
    await start('failure', { dataset: { path: 'missing.csv' } }).catch(() => undefined);
    await save(client, 'failure', 'failure');

    const approved = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: 'approved',
      taskQueue,
      args: [{ forest: { trees: 2 }, promotion: { model: 'approved', approval: 'manual' } }],
    });
    await pollUntil('the request for approval', async () => {
      const { attention } = await approved.query<PipelineProgress>(PROGRESS_QUERY);
      return attention !== undefined;
    });
    await approved.executeUpdate(approvalUpdate.approve);
    const { model } = (await approved.result()) as PipelineResult;
    await save(client, 'approved', 'approved');

    const registry = client.workflow.getHandle(registryWorkflowId(taskQueue, 'approved'));
    const worse = (await start('worse', {
      forest: { trees: 1, maxDepth: 1 },
      promotion: { model: 'approved' },
    })) as PipelineResult;
    await registry.executeUpdate(registryUpdate.promote, { args: [{ version: worse.model.version }] });
    await registry.executeUpdate(registryUpdate.rollback);
    await pollUntil('everything to be sent', async () => {
      const { raw } = await registry.describe();
      const outbox = await client.workflow.getHandle(outboxWorkflowId(taskQueue)).describe();
      return [raw, outbox.raw].every(({ pendingActivities }) => (pendingActivities ?? []).length === 0);
    });
    await save(client, registry.workflowId, 'registry');
    await save(client, outboxWorkflowId(taskQueue), 'notifications');

    await client.workflow.execute(workflowType.scoreStream, {
      workflowId: 'continuous',
      taskQueue,
      args: [{ model, trigger: 'available-now' }],
    });
    await save(client, 'continuous', 'continuous');
    await save(client, microBatchWorkflowId('continuous', 0), 'continuous-micro-batch');
  } finally {
    await worker.kill();
    receiver.close();
  }
  await client.connection.close();
} finally {
  await services.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Removes the paths and the host name of this machine: they are private, and replay does not read them. */
async function save(client: Client, workflowId: string, name: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const text = withoutPlaces(historyToJSON(history))
    .replaceAll(`@${hostname()}`, '@host')
    // Payloads.
    .replace(/(?<="data": ?")[\w+/=]+(?=")/g, (data) => {
      const decoded = Buffer.from(data, 'base64').toString();
      const clean = withoutPlaces(decoded);
      return clean === decoded ? data : Buffer.from(clean).toString('base64');
    });
  await writeFile(join(HISTORIES, `${name}.json`), `${text}\n`);
  process.stdout.write(`${name}: ${history.events?.length ?? 0} events\n`);
}

function withoutPlaces(text: string): string {
  return text.replaceAll(ROOT, '').replaceAll(directory, '');
}
