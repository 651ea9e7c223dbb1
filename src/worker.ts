import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogEntry,
  type WorkflowBundle,
} from '@temporalio/worker';
import type { DataFrames } from './activities/data-frames.ts';
import { createActivities } from './activities/index.ts';
import { nodeDigests } from './adapters/digests.ts';
import { createKafkaAdmin } from './adapters/kafka-admin.ts';
import { createKafka } from './adapters/kafka-client.ts';
import { createKafkaPublisher } from './adapters/kafka-publisher.ts';
import { createKafkaReader } from './adapters/kafka-reader.ts';
import { createLocalArtifactStore } from './adapters/local-artifact-store.ts';
import { createLocalDataDirectory } from './adapters/local-data-directory.ts';
import type { Logger } from './adapters/logger.ts';
import { mlRandomForest } from './adapters/ml-random-forest.ts';
import { TemporalUnreachable } from './adapters/temporal-client.ts';
import type { Config, TemporalSettings } from './config.ts';

/** Training threads share the cores with everything else; more at once would only wait. */
const MAX_CONCURRENT_ACTIVITIES = 16;
/** What a running activity may take to stop before it is left to its retry. */
const SHUTDOWN_GRACE = '5 seconds';

export interface RunningWorker {
  /** Settles when the worker has stopped, with the error if one ended it. */
  readonly stopped: Promise<void>;
  /** Finishes or cancels what is running, then closes the connections. */
  shutdown(): Promise<void>;
}

/** What takes seconds to load and needs no server; a caller that starts servers loads it meanwhile. */
export interface WorkerCode {
  readonly workflowBundle: WorkflowBundle;
  readonly frames: DataFrames;
}

export async function loadWorkerCode(logger: Logger): Promise<WorkerCode> {
  const [workflowBundle, { danfoFrames }] = await Promise.all([
    bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('./workflows', import.meta.url)),
      logger: toTemporalLogger(logger),
    }),
    import('./adapters/danfo.ts'),
  ]);
  return { workflowBundle, frames: danfoFrames };
}

/**
 * The composition root: the one place where ports meet their adapters.
 *
 * @throws TemporalUnreachable. A broker that is away is no reason not to start: steps that need it wait for it.
 */
export async function startWorker(
  config: Config,
  logger: Logger,
  code: Promise<WorkerCode> = loadWorkerCode(logger),
): Promise<RunningWorker> {
  installRuntime(logger);
  const [connection, { workflowBundle, frames }] = await Promise.all([
    connectNatively(config.temporal),
    code,
  ]);
  const { activities, close } = composeActivities(config, logger, frames);
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.connect.namespace ?? 'default',
    taskQueue: config.taskQueue,
    workflowBundle,
    activities,
    maxConcurrentActivityTaskExecutions: MAX_CONCURRENT_ACTIVITIES,
    shutdownGraceTime: SHUTDOWN_GRACE,
  });
  const stopped = worker.run().finally(async () => {
    await close();
    await connection.close();
  });
  return {
    stopped,
    async shutdown() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await stopped;
    },
  };
}

function composeActivities(config: Config, logger: Logger, frames: DataFrames) {
  const kafka = createKafka(config.kafka, (level, message, fields) => {
    logger[level](fields, message);
  });
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings: config.kafka });
  const activities = createActivities({
    artifacts: createLocalArtifactStore(config.artifactDir),
    dataDirectory: createLocalDataDirectory(config.dataDir),
    digests: nodeDigests,
    engines: [mlRandomForest],
    frames,
    publisher: createKafkaPublisher({ kafka, admin, settings: config.kafka, digests: nodeDigests }),
    reader,
  });
  return {
    activities,
    close: async () => {
      await reader.close();
      await admin.close();
    },
  };
}

async function connectNatively({
  connect: { connectionOptions },
}: TemporalSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions);
  } catch (cause) {
    throw new TemporalUnreachable(connectionOptions.address, cause);
  }
}

let runtimeInstalled = false;

/** Once per process. Signals are the commands' business: they know what else has to stop, and in which order. */
function installRuntime(logger: Logger): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    shutdownSignals: [],
    logger: toTemporalLogger(logger),
  });
}

function toTemporalLogger(logger: Logger): DefaultLogger {
  return new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
    logger[level.toLowerCase() as 'info'](meta ?? {}, message);
  });
}
