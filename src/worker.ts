import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker, type LogEntry } from '@temporalio/worker';
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

/**
 * The composition root: the one place where ports meet their adapters.
 *
 * @throws TemporalUnreachable. A broker that is away is no reason not to start: steps that need it wait for it.
 */
export async function startWorker(config: Config, logger: Logger): Promise<RunningWorker> {
  installRuntime(logger);
  const connection = await connectNatively(config.temporal);
  const { activities, close } = await composeActivities(config, logger);
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.connect.namespace ?? 'default',
    taskQueue: config.taskQueue,
    workflowsPath: fileURLToPath(new URL('./workflows', import.meta.url)),
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

async function composeActivities(config: Config, logger: Logger) {
  const kafka = createKafka(config.kafka, (level, message, fields) => {
    logger[level](fields, message);
  });
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings: config.kafka });
  // danfo takes 1.6 s to load, which only a worker has to wait for.
  const { danfoFrames } = await import('./adapters/danfo.ts');
  const activities = createActivities({
    artifacts: createLocalArtifactStore(config.artifactDir),
    dataDirectory: createLocalDataDirectory(config.dataDir),
    digests: nodeDigests,
    engines: [mlRandomForest],
    frames: danfoFrames,
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
    logger: new DefaultLogger('INFO', ({ level, message, meta }: LogEntry) => {
      logger[level.toLowerCase() as 'info'](meta ?? {}, message);
    }),
  });
}
