import { fork } from 'node:child_process';
import { createLogger, type Logger } from '../../adapters/logger.ts';
import { type Config, loadProcessConfig } from '../../config.ts';
import type { RunningWorker } from '../../worker.ts';
import { startProcesses, type ProcessReport } from '../../worker/processes.ts';
import { ALONE, defaultProcesses, trainsIn, type WorkerRole } from '../../worker/role.ts';
import { serveReports } from '../../worker/serve-reports.ts';
import { describeError, exitCode, untilSignal } from '../shared/exit.ts';
import { ensureDefaultDataset } from './default-dataset.ts';

/** So long after its grace period, a process ends in any case: without its server, it would wait for ever. */
const STOP_LIMIT_MS = 30_000;

export interface WorkerCommandOptions {
  readonly processes?: number;
  /** Given by the command itself: this is one of its processes. */
  readonly process?: number;
  readonly reportUrl?: string;
}

export async function worker(options: WorkerCommandOptions): Promise<void> {
  const config = loadProcessConfig();
  const logger = createLogger({ level: config.logLevel, secrets: config.secrets });
  const processes = options.processes ?? config.workerProcesses ?? defaultProcesses();
  if (options.process !== undefined) {
    const { process: number, reportUrl = null } = options;
    await runAsChild(config, logger.child({ process: number }), { number, processes, reportUrl });
    return;
  }
  await ensureDefaultDataset(config);
  if (processes === 1) await runUntil(untilSignal(), await startOne(config, logger, ALONE));
  else await runProcesses(config, logger, processes);
}

async function startOne(config: Config, logger: Logger, role: WorkerRole): Promise<RunningWorker> {
  // The parent of several processes does not need it, and it is large.
  const { startWorker } = await import('../../worker.ts');
  const running = await startWorker(config, logger, undefined, { role });
  logger.info({ taskQueue: config.taskQueue, dataDir: config.dataDir }, 'worker started');
  if (trainsIn(role)) void reportKafka(config, logger);
  return running;
}

async function runUntil(asked: Promise<void>, running: RunningWorker): Promise<void> {
  await Promise.race([asked, running.stopped]);
  await running.shutdown();
}

async function runProcesses(config: Config, logger: Logger, processes: number): Promise<void> {
  const asked = untilSignal();
  const reports = await serveReports(config, logger);
  const [, script = ''] = process.argv;
  logger.info({ processes }, 'starting worker processes');
  const running = startProcesses({
    count: processes,
    logger,
    fork: (number) =>
      fork(
        script,
        [
          'worker',
          `--processes=${processes}`,
          `--process=${number}`,
          ...(reports ? [`--report-url=${reports.url}`] : []),
        ],
        { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
      ),
  });
  try {
    await runUntil(asked, running);
  } finally {
    await reports?.close();
  }
}

/** Ends with its parent, whatever ends that: nobody would start it again, or stop it. */
async function runAsChild(config: Config, logger: Logger, role: WorkerRole): Promise<void> {
  const asked = Promise.race([untilSignal(), untilDisconnected()]);
  void asked.then(() => {
    exitAfter(config.workerGraceSeconds * 1_000 + STOP_LIMIT_MS);
  });
  const tell = (report: ProcessReport): void => {
    if (process.connected) process.send?.(report);
  };
  try {
    const running = await startOne(config, logger, role);
    tell({ kind: 'started' });
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
