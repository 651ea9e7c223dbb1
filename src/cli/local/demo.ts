import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Client } from '@temporalio/client';
import { readJson } from '../../activities/artifact-store.ts';
import { createLogger, type Logger } from '../../adapters/logger.ts';
import { openArtifacts } from '../../adapters/stores.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import { type LocalServices, startLocalServices } from '../../dev/local-services.ts';
import { workflowType } from '../../domain/names.ts';
import type { PipelineInputJson } from '../../domain/run/pipeline-input.ts';
import type { RunReport } from '../../domain/run/report.ts';
import { resultJson, resultTable, sampleTable } from '../runs/result.ts';
import { followRun, newWorkflowId, readRunInput, startRun } from '../runs/start.ts';
import { withClient } from '../shared/client.ts';
import { untilSignal, UsageError } from '../shared/exit.ts';
import type { RunInputOptions } from '../shared/input.ts';
import { startFormUrl } from '../shared/links.ts';
import { type JsonOption, print, printJson, textStream } from '../shared/output.ts';
import { ensureDefaultDataset } from './default-dataset.ts';

export interface DemoOptions extends RunInputOptions, JsonOption {
  readonly csv?: string;
  readonly keep?: boolean;
}

/** Its servers stop too, so nobody could continue the work. */
const DEMO_GRACE_SECONDS = 2;

/** Starts what is missing and a worker, runs the pipeline, shows the result, and stops what it started. */
export async function demo(options: DemoOptions): Promise<void> {
  const { config: named, input } = await nameDataset(options, loadProcessConfig());
  const printLine = (text: string) => {
    print(text, options);
  };
  const signals = new AbortController();
  const interrupted = untilSignal().then(() => {
    signals.abort();
  });
  const logFile = join(named.local.stateDir, 'worker.log');
  const logger = createLogger({ level: named.logLevel, secrets: named.secrets, file: logFile });
  const starting = startLocalServices({ ...named.local, onMessage: printLine });
  // Takes seconds to load and needs no server. Awaited later: an earlier failure is no unhandled rejection.
  const loading = loadWorker(named, logger);
  loading.catch(() => undefined);
  const services = await starting;
  const cleanUps = [() => services.stop()];
  try {
    const config = toServices(named, services);
    const startWorker = await loading;
    const worker = await startWorker(config);
    cleanUps.push(() => worker.shutdown());
    printLine(`Worker on task queue ${config.taskQueue}, log ${logFile}`);
    await withClient(async (client) => {
      await Promise.race([runOnce(client, config, input, options, interrupted), worker.stopped]);
    }, config);
    if (!signals.signal.aborted && (options.keep ?? process.stdout.isTTY)) {
      const { temporal, taskQueue } = config;
      printLine(`\nStart your own run: ${startFormUrl(temporal, taskQueue)}`);
      printLine(`Score a stream:     ${startFormUrl(temporal, taskQueue, workflowType.scoreStream)}`);
      printLine('Everything stays up until Ctrl-C.');
      await Promise.race([interrupted, worker.stopped]);
    }
  } finally {
    for (const cleanUp of cleanUps.reverse()) await cleanUp();
  }
}

async function loadWorker(config: Config, logger: Logger) {
  const { loadWorkerCode, startWorker } = await import('../../worker.ts');
  const [code] = await Promise.all([loadWorkerCode(logger), ensureDefaultDataset(config)]);
  return (toServers: Config) => startWorker(toServers, logger, Promise.resolve(code));
}

async function runOnce(
  client: Client,
  config: Config,
  input: PipelineInputJson,
  options: DemoOptions,
  interrupted: Promise<void>,
): Promise<void> {
  const { taskQueue, temporal } = config;
  const workflowId = newWorkflowId('demo');
  const started = await startRun(client, temporal, { workflowId, taskQueue, input });
  print(`${workflowId}: ${started.url}\n`, options);
  const result = await followRun(client, started, textStream(options), interrupted);
  if (!result) return;
  const { artifacts } = await openArtifacts(config);
  const { samples } = await readJson<RunReport>(artifacts, result.report);
  print(`\n${resultTable(result)}\n\n${sampleTable(samples)}\n\n${started.url}`, options);
  printJson(resultJson(workflowId, result, started.url), options);
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
  const folder = dirname(file);
  const suffix = createHash('sha256').update(folder).digest('hex').slice(0, 8);
  const path = { path: ['dataset', 'path'], text: JSON.stringify(basename(file)) };
  return {
    config: {
      ...config,
      data: { kind: 'directory', path: folder },
      taskQueue: `${config.taskQueue}-${suffix}`,
    },
    input: await readRunInput({ ...options, set: [path, ...options.set] }),
  };
}

function toServices(config: Config, { temporalAddress, temporalUiUrl, kafkaBrokers }: LocalServices): Config {
  const { connect, uiUrl } = config.temporal;
  return {
    ...config,
    workerGraceSeconds: DEMO_GRACE_SECONDS,
    temporal: {
      connect: { ...connect, connectionOptions: { ...connect.connectionOptions, address: temporalAddress } },
      uiUrl: temporalUiUrl ?? uiUrl,
    },
    kafka: { ...config.kafka, brokers: kafkaBrokers },
  };
}
