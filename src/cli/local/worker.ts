import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { createLogger, type Logger } from '../../adapters/logger.ts';
import { childEnvironment, type Config, loadProcessConfig } from '../../config.ts';
import { placeText } from '../../config/store-place.ts';
import { createRedactor } from '../../domain/redaction.ts';
import type { Role } from '../../domain/roles.ts';
import type { RunningWorker } from '../../worker.ts';
import { freeMetricsAddress, serveMetrics } from '../../worker/metrics.ts';
import { memoryLimit } from '../../worker/memory-limit.ts';
import type { OnLacks } from '../../worker/needs.ts';
import { startProcesses, type ProcessReport, type RunningProcesses } from '../../worker/processes.ts';
import { ALONE, defaultProcesses, trainsIn, type ProcessPlace } from '../../worker/process-place.ts';
import { findShortages } from '../../worker/shortages.ts';
import { serveReports } from '../../worker/serve-reports.ts';
import { describeError, exitCode, untilSignal } from '../shared/exit.ts';
import { ensureDefaultDataset } from './default-dataset.ts';

/** So long after its grace period, a process ends in any case: without its server, it would wait for ever. */
const STOP_LIMIT_MS = 30_000;

/**
 * glibc would raise the limits up to 32 MB, to the size of buffers that were freed, and then keep the memory of all such
 * buffers; and it would keep freed memory apart for each of two dozen threads. Each is tens of MiB a process. Smaller limits
 * would slow streams down. Other C libraries ignore them.
 */
const RETURN_MEMORY = {
  MALLOC_MMAP_THRESHOLD_: '1048576',
  MALLOC_TRIM_THRESHOLD_: '1048576',
  MALLOC_ARENA_MAX: '2',
};

export interface WorkerCommandOptions {
  readonly roles?: readonly Role[];
  readonly processes?: number;
  /** Given by the command itself: this is one of its processes. */
  readonly process?: number;
  readonly reportUrl?: string;
}

export async function worker(options: WorkerCommandOptions): Promise<void> {
  const { roles: configured, ...settings } = loadProcessConfig();
  const config = { ...settings, roles: options.roles ?? configured };
  const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
  const processes = processesFor(config, options.processes);
  if (options.process !== undefined) {
    const { process: number, reportUrl = null } = options;
    await runAsChild(config, logger.child({ process: number }), { number, processes, reportUrl });
    return;
  }
  await ensureDefaultDataset(config);
  await (processes === 1 ? runAlone(config, logger) : runProcesses(config, logger, processes));
}

/** Only one process of a worker trains, so others would have nothing to do. */
function processesFor({ roles, workerProcesses }: Config, asked: number | undefined): number {
  const isTrainer = roles.every((role) => role === 'training');
  return isTrainer ? 1 : (asked ?? workerProcesses ?? defaultProcesses());
}

interface StartedProcess {
  readonly running: RunningWorker;
  /** Undefined when metrics are off. */
  readonly metricsUrl: string | undefined;
}

async function startOne(
  config: Config,
  logger: Logger,
  place: ProcessPlace,
  onLacks: OnLacks,
): Promise<StartedProcess> {
  // The parent of several processes does not need it, and it is large.
  const { startWorker } = await import('../../worker.ts');
  const metricsAddress = config.metrics && (await freeMetricsAddress());
  const running = await startWorker(config, logger, undefined, { place, metricsAddress, onLacks });
  const { taskQueue, roles, data } = config;
  logger.info({ taskQueue, roles, data: placeText(data) }, 'worker started');
  if (trainsIn(place)) {
    const machine = { cores: availableParallelism(), memoryBytes: memoryLimit() };
    for (const shortage of findShortages(config, place.processes, machine)) logger.warn(shortage);
    void reportKafka(config, logger);
  }
  return { running, metricsUrl: metricsAddress && `http://${metricsAddress}/metrics` };
}

async function runAlone(config: Config, logger: Logger): Promise<void> {
  const asked = untilSignal();
  let started: StartedProcess | undefined;
  let lacks: readonly string[] = [];
  const metrics = await serveMetrics(config, logger, {
    processes: () => [{ number: 1, isReady: started !== undefined, metricsUrl: started?.metricsUrl, lacks }],
    isDraining: flagOf(asked),
  });
  try {
    started = await startOne(config, logger, ALONE, (found) => {
      lacks = found.map(createRedactor(config.secrets));
    });
    await runUntil(asked, started.running);
  } finally {
    await metrics?.close();
  }
}

/** Whether the promise is resolved. */
function flagOf(promise: Promise<void>): () => boolean {
  let isResolved = false;
  void promise.then(() => (isResolved = true));
  return () => isResolved;
}

async function runUntil(asked: Promise<void>, running: RunningWorker): Promise<void> {
  await Promise.race([asked, running.stopped]);
  await running.shutdown();
}

async function runProcesses(config: Config, logger: Logger, processes: number): Promise<void> {
  const asked = untilSignal();
  let running: RunningProcesses | undefined;
  const metrics = await serveMetrics(config, logger, {
    processes: () => running?.processes() ?? [],
    isDraining: flagOf(asked),
  });
  const reports = await serveReports(config, logger);
  const [, script = ''] = process.argv;
  logger.info({ processes }, 'starting worker processes');
  try {
    running = startProcesses({
      count: processes,
      logger,
      fork: (number) =>
        fork(
          script,
          [
            'worker',
            `--roles=${config.roles.join(',')}`,
            `--processes=${processes}`,
            `--process=${number}`,
            ...(reports ? [`--report-url=${reports.url}`] : []),
          ],
          { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: childEnvironment(RETURN_MEMORY) },
        ),
    });
    await runUntil(asked, running);
  } finally {
    await metrics?.close();
    await reports?.close();
  }
}

/** Ends with its parent, whatever ends that: nobody would start it again, or stop it. */
async function runAsChild(config: Config, logger: Logger, place: ProcessPlace): Promise<void> {
  const asked = Promise.race([untilSignal(), untilDisconnected()]);
  void asked.then(() => {
    exitAfter(config.workerGraceSeconds * 1_000 + STOP_LIMIT_MS);
  });
  const tell = (report: ProcessReport): void => {
    if (process.connected) process.send?.(report);
  };
  try {
    const { running, metricsUrl } = await startOne(config, logger, place, (lacks) => {
      tell({ kind: 'lacks', lacks: lacks.map(createRedactor(config.secrets)) });
    });
    tell({ kind: 'started', ...(metricsUrl !== undefined && { metricsUrl }) });
    await runUntil(asked, running);
  } catch (error) {
    // The parent prints it.
    tell({ kind: 'failed', reason: describeError(error) });
    process.exitCode = exitCode.cannot;
  } finally {
    // An open channel would keep this process alive.
    if (process.connected) process.disconnect();
  }
}

function untilDisconnected(): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) process.once('disconnect', resolve);
    else resolve();
  });
}

function exitAfter(ms: number): void {
  setTimeout(() => process.exit(exitCode.cannot), ms).unref();
}

/** Only logged: a worker starts without Kafka, and its steps wait until Kafka lets it in. */
async function reportKafka(config: Config, logger: Logger): Promise<void> {
  try {
    const { describeKafka } = await import('./health.ts');
    logger.info(await describeKafka(config));
  } catch (error) {
    logger.error(describeError(error));
  }
}
