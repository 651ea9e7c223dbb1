import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import { freeMetricsAddress } from '../../../src/worker/metrics.ts';
import { test } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

/** OpenTelemetry's own, with the receiver `otlp` and the exporter `debug`: every distribution has both. */
const COLLECTOR = 'otelcol';
const SETTINGS = new URL('../../../deploy/otel/collector.yaml', import.meta.url);
const hasCollector = await promisify(execFile)(COLLECTOR, ['--help']).then(
  () => true,
  () => false,
);

/** @returns the address for traces, and what the collector has printed */
async function startCollector() {
  const directory = await mkdtemp(join(tmpdir(), 'otelcol-'));
  const endpoint = await freeMetricsAddress();
  const file = join(directory, 'config.yaml');
  await writeFile(file, (await readFile(SETTINGS, 'utf8')).replace('localhost:4318', endpoint));
  const collector = spawn(COLLECTOR, ['--config', file], { stdio: ['ignore', 'ignore', 'pipe'] });
  onTestFinished(async () => {
    collector.kill('SIGKILL');
    await rm(directory, { recursive: true });
  });
  let printed = '';
  collector.stderr.on('data', (data: Buffer) => (printed += data.toString()));
  await pollUntil('the collector to be ready', async () => printed.includes('Everything is ready'));
  return { url: `http://${endpoint}`, printed: () => printed };
}

test.skipIf(!hasCollector)('a real collector takes the trace of a run', async ({ environment }) => {
  const { client, env, config, newId, newTopic } = environment;
  const { url, printed } = await startCollector();
  const traced = loadConfig({ ...env, OTEL_EXPORTER_OTLP_ENDPOINT: url });
  const worker = await startWorker(traced, createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());
  const handle = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), dataset: { path: 'missing.csv' } }],
  });
  await expect(handle.result()).rejects.toThrow();

  await pollUntil('both spans', async () =>
    ['RunActivity:loadDataset', 'RunWorkflow:ratingPipeline'].every((name) => printed().includes(name)),
  );
  expect(printed()).toContain(handle.firstExecutionRunId.replaceAll('-', ''));
  expect(printed()).toContain('service.name: Str(imdb-temporal)');
});
