/**
 * Records the histories that test/unit/replay.test.ts replays: a success, a failure, and a run through two worker
 * crashes. Run it when a new kind of history should stay replayable; never to make a failing replay pass – that
 * failure says that runs in progress would break (see ARCHITECTURE.md, "Changing a workflow").
 *
 *   npx tsx scripts/record-histories.ts
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { loadProcessConfig } from '../src/config.ts';
import { startLocalServices } from '../src/dev/local-services.ts';
import { ensureSampleDataset } from '../src/dev/sample-dataset.ts';
import { microBatchWorkflowId, streamWorkflowId, workflowType } from '../src/domain/names.ts';
import { CRASH_INPUT, runThroughCrashes } from '../test/support/crash-run.ts';
import { startWorkerProcess } from '../test/support/worker-process.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HISTORIES = join(ROOT, 'test', 'histories');
const taskQueue = 'imdb-histories';

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
    ARTIFACT_DIR: join(directory, 'artifacts'),
    REPORT_PORT: 'off',
  };
  await ensureSampleDataset(env.DATA_DIR);
  const client = new Client({ connection: await Connection.connect({ address: services.temporalAddress }) });

  await runThroughCrashes(client, env, { workflowId: 'crash', taskQueue, input: CRASH_INPUT });
  await save(client, 'crash', 'crash');
  await save(client, streamWorkflowId('crash'), 'crash-stream');

  const worker = await startWorkerProcess(env);
  try {
    const start = (workflowId: string, input: object) =>
      client.workflow.execute(workflowType.ratingPipeline, { workflowId, taskQueue, args: [input] });
    await start('success', { forest: { trees: 1 } });
    await save(client, 'success', 'success');
    await save(client, streamWorkflowId('success'), 'success-stream');
    await save(client, microBatchWorkflowId(streamWorkflowId('success'), 0), 'success-micro-batch');
    await start('failure', { dataset: { path: 'missing.csv' } }).catch(() => undefined);
    await save(client, 'failure', 'failure');
  } finally {
    await worker.kill();
  }
  await client.connection.close();
} finally {
  await services.stop();
  await rm(directory, { recursive: true, force: true });
}

/** Without the recording machine's paths and name: they are nobody's business, and replay does not look at them. */
async function save(client: Client, workflowId: string, name: string): Promise<void> {
  const history = await client.workflow.getHandle(workflowId).fetchHistory();
  const text = historyToJSON(history)
    .replaceAll(ROOT, '')
    .replaceAll(directory, '')
    .replaceAll(`@${hostname()}"`, '@host"');
  await writeFile(join(HISTORIES, `${name}.json`), `${text}\n`);
  process.stdout.write(`${name}: ${history.events?.length ?? 0} events\n`);
}
