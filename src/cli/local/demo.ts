import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Client } from '@temporalio/client';
import { createLocalArtifactStore } from '../../adapters/files/artifact-store.ts';
import { createLogger } from '../../adapters/logger.ts';
import { connectTemporalClient } from '../../adapters/temporal/client.ts';
import { readJson } from '../../activities/artifact-store.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import { type LocalServices, startLocalServices } from '../../dev/local-services.ts';
import { workflowType } from '../../domain/names.ts';
import type { PipelineInputJson } from '../../domain/run/pipeline-input.ts';
import type { RunReport } from '../../domain/run/report.ts';
import { loadWorkerCode, startWorker } from '../../worker.ts';
import { resultJson, untilSignal, UsageError } from '../shared/output.ts';
import { startFormUrl } from '../shared/links.ts';
import { resultTable, sampleTable } from '../runs/result-table.ts';
import { readRunInput, type RunInputOptions } from '../shared/run-input.ts';
import { followRun, newWorkflowId, startRun } from '../runs/start.ts';
import { ensureDefaultDataset } from './default-dataset.ts';

export interface DemoOptions extends RunInputOptions {
  readonly csv?: string;
  readonly json?: true;
  readonly keep?: boolean;
}

/** Starts what is missing and a worker, runs the pipeline, shows the result, and stops what it started. */
export async function demo(options: DemoOptions): Promise<void> {
  const out = options.json ? process.stderr : process.stdout;
  const print = (line: string) => void out.write(`${line}\n`);
  const { config: named, input } = await nameDataset(options, loadProcessConfig());
  const signals = new AbortController();
  const interrupted = untilSignal().then(() => {
    signals.abort();
  });
  const logFile = join(named.local.stateDir, 'worker.log');
  const logger = createLogger({ level: named.logLevel, file: logFile });
  const code = loadWorkerCode(logger);
  // Awaited with the worker; until then its failure must not end the process unseen.
  code.catch(() => undefined);
  const services = await startLocalServices({ ...named.local, onMessage: print });
  const cleanUps = [() => services.stop()];
  try {
    const config = toServices(named, services);
    await ensureDefaultDataset(config);
    const worker = await startWorker(config, logger, code);
    cleanUps.push(() => worker.shutdown());
    print(`Worker on task queue ${config.taskQueue}, log ${logFile}`);
    const { client, close } = await connectTemporalClient(config.temporal);
    cleanUps.push(close);
    await Promise.race([runOnce(client, config, input, options, out), interrupted, worker.stopped]);
    if (!signals.signal.aborted && (options.keep ?? process.stdout.isTTY)) {
      print(`\nStart your own run: ${startFormUrl(config.temporal, config.taskQueue)}`);
      print(
        `Score a stream:     ${startFormUrl(config.temporal, config.taskQueue, workflowType.scoreStream)}`,
      );
      print('Everything stays up until Ctrl-C.');
      await Promise.race([interrupted, worker.stopped]);
    }
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

async function runOnce(
  client: Client,
  config: Config,
  input: PipelineInputJson,
  { json }: DemoOptions,
  out: NodeJS.WriteStream,
): Promise<void> {
  const { taskQueue, temporal, artifactDir } = config;
  const workflowId = newWorkflowId('demo');
  const started = await startRun(client, temporal, { workflowId, taskQueue, input });
  out.write(`${workflowId}: ${started.url}\n\n`);
  const result = await followRun(client, started, out);
  const { samples } = await readJson<RunReport>(createLocalArtifactStore(artifactDir), result.report);
  out.write(`\n${resultTable(result)}\n\n${sampleTable(samples)}\n\n${started.url}\n`);
  if (json) process.stdout.write(resultJson(workflowId, result, started.url));
}

/** `--csv FILE`: the file's folder is the worker's data directory, on a task queue that only such a worker polls. */
async function nameDataset(
  options: DemoOptions,
  config: Config,
): Promise<{ config: Config; input: PipelineInputJson }> {
  const { csv } = options;
  if (csv === undefined) return { config, input: await readRunInput(options) };
  const file = await realpath(csv).catch((cause: unknown) => {
    throw new UsageError(`--csv ${csv}: no such file`, { cause });
  });
  const dataDir = dirname(file);
  const suffix = createHash('sha256').update(dataDir).digest('hex').slice(0, 8);
  const path = { path: ['dataset', 'path'], value: basename(file) };
  return {
    config: { ...config, dataDir, taskQueue: `${config.taskQueue}-${suffix}` },
    input: await readRunInput({ ...options, set: [path, ...options.set] }),
  };
}

function toServices(config: Config, { temporalAddress, temporalUiUrl, kafkaBrokers }: LocalServices): Config {
  const { connect, uiUrl } = config.temporal;
  return {
    ...config,
    temporal: {
      connect: { ...connect, connectionOptions: { ...connect.connectionOptions, address: temporalAddress } },
      uiUrl: temporalUiUrl ?? uiUrl,
    },
    kafka: { ...config.kafka, brokers: kafkaBrokers },
  };
}
