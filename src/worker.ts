import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogEntry,
  type WorkerInterceptors,
} from '@temporalio/worker';
import type { DataFrames } from './activities/dataset/data-frames.ts';
import { createActivities, createTrainingActivities, type ActivityDeps } from './activities/index.ts';
import { nodeDigests } from './adapters/digests.ts';
import { createKafkaAdmin } from './adapters/kafka/admin.ts';
import { createKafka } from './adapters/kafka/client.ts';
import { createKafkaPublisher } from './adapters/kafka/publisher.ts';
import { createKafkaReader } from './adapters/kafka/reader.ts';
import { createKafkaStreamLog } from './adapters/kafka/stream-log.ts';
import { createLocalArtifactStore } from './adapters/files/artifact-store.ts';
import { createLocalDataDirectory } from './adapters/files/data-directory.ts';
import type { Logger } from './adapters/logger.ts';
import { createMlRandomForest } from './adapters/ml-random-forest/engine.ts';
import { TemporalUnreachable } from './adapters/temporal/client.ts';
import { failWithFacts } from './adapters/temporal/failures.ts';
import { createTemporalModelRegistry } from './adapters/temporal/model-registry.ts';
import { timeZones } from './adapters/time-zones.ts';
import { vegaPlots } from './adapters/vega-plots.ts';
import { createWebhookNotifier, silentNotifier } from './adapters/http/webhook-notifier.ts';
import type { Config, TemporalSettings } from './config.ts';
import { trainingTaskQueue } from './domain/names.ts';
import { describeWorker } from './worker/describe-worker.ts';
import { createHistogramEngine } from './forest/histogram-engine.ts';
import { createThreadPool } from './forest/threads/thread-pool.ts';
import { packageVersion } from './worker/package-version.ts';
import { loadWorkflowBundle, type AnyWorkflowBundle } from './worker/workflow-bundle.ts';
import { serveReports } from './worker/serve-reports.ts';

const MAX_CONCURRENT_ACTIVITIES = 16;
/** A training takes all forest threads and much memory; the next one is left to another worker, or waits. */
const MAX_CONCURRENT_TRAININGS = 1;
/** What a running activity may take to stop before it is left to its retry. */
const SHUTDOWN_GRACE = '5 seconds';
/** A cancellation comes with the answer to a heartbeat, so this is what an activity may take to hear of it. */
const HEARTBEAT_THROTTLE = '2 seconds';
/** What a workflow waits for the worker that last had it, before any other may have it. */
const STICKY_TIMEOUT = '5 seconds';

export interface RunningWorker {
  /** Settles when the worker has stopped, with the error if one ended it. */
  readonly stopped: Promise<void>;
  /** Finishes or cancels what is running, then closes the connections. */
  shutdown(): Promise<void>;
}

/** What takes seconds to load and needs no server; a caller that starts servers loads it meanwhile. */
export interface WorkerCode {
  readonly workflowBundle: AnyWorkflowBundle;
  readonly frames: DataFrames;
}

/** Where a caller may stand between the worker and its surroundings: the fault suite does, production does not. */
export interface WorkerSeams {
  readonly wrapDeps?: (deps: ActivityDeps) => ActivityDeps;
  readonly interceptors?: WorkerInterceptors;
}

export async function loadWorkerCode(logger: Logger): Promise<WorkerCode> {
  const [workflowBundle, { danfoFrames }] = await Promise.all([
    loadWorkflowBundle(toTemporalLogger(logger)),
    import('./adapters/csv/danfo.ts'),
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
  { wrapDeps = (deps) => deps, interceptors = {} }: WorkerSeams = {},
): Promise<RunningWorker> {
  installRuntime(logger);
  const [connection, { workflowBundle, frames }] = await Promise.all([
    connectNatively(config.temporal),
    code,
  ]);
  const { taskQueue } = config;
  const namespace = config.temporal.connect.namespace ?? 'default';
  const client = new Client({ connection, namespace });
  const reports = await serveReports(config, logger);
  const { deps: composed, close } = composeDeps(config, logger, frames, client, reports?.url ?? null);
  const deps = wrapDeps(composed);
  const common = {
    connection,
    namespace,
    interceptors: { ...interceptors, activity: [failWithFacts, ...(interceptors.activity ?? [])] },
    shutdownGraceTime: SHUTDOWN_GRACE,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
  };
  const workers = await Promise.all([
    Worker.create({
      ...common,
      taskQueue,
      // Stands in every workflow task of a history; the SDK's own is a hundred characters.
      workerDeploymentOptions: {
        useWorkerVersioning: false,
        version: { deploymentName: 'imdb', buildId: packageVersion() },
      },
      workflowBundle,
      activities: createActivities(deps),
      maxConcurrentActivityTaskExecutions: MAX_CONCURRENT_ACTIVITIES,
    }),
    Worker.create({
      ...common,
      taskQueue: trainingTaskQueue(taskQueue),
      activities: createTrainingActivities(deps),
      maxConcurrentActivityTaskExecutions: MAX_CONCURRENT_TRAININGS,
    }),
  ]);
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // Half a worker would look alive: when one of the two ends, so does the other.
  const runs = workers.map((worker) => worker.run().finally(stop));
  const stopped = Promise.allSettled(runs).then(async () => {
    await close();
    await reports?.close();
    await connection.close();
    await Promise.all(runs);
  });
  return {
    stopped,
    async shutdown() {
      stop();
      await stopped;
    },
  };
}

interface ComposedDeps {
  readonly deps: ActivityDeps;
  readonly close: () => Promise<void>;
}

function composeDeps(
  config: Config,
  logger: Logger,
  frames: DataFrames,
  client: Client,
  reportUrl: string | null,
): ComposedDeps {
  const kafka = createKafka(config.kafka, (level, message, fields) => {
    logger[level](fields, message);
  });
  const admin = createKafkaAdmin(kafka);
  const reader = createKafkaReader({ kafka, admin, settings: config.kafka });
  const training = createThreadPool(config.forestThreads);
  const scoring = createThreadPool(config.forestThreads);
  const deps = {
    artifacts: createLocalArtifactStore(config.artifactDir),
    calendar: timeZones,
    dataDirectory: createLocalDataDirectory(config.dataDir),
    digests: nodeDigests,
    engines: [createHistogramEngine(training, scoring), createMlRandomForest(scoring, config.forestThreads)],
    frames,
    notifier: config.notify ? createWebhookNotifier(config.notify) : silentNotifier,
    plots: vegaPlots,
    publisher: createKafkaPublisher({ kafka, admin, settings: config.kafka, digests: nodeDigests }),
    reader,
    registry: createTemporalModelRegistry(client, config.taskQueue),
    streamLog: createKafkaStreamLog({ kafka, admin, settings: config.kafka }),
    describer: { describe: () => describeWorker(config, logger, client, reportUrl) },
  };
  return {
    deps,
    close: async () => {
      await Promise.all([training.close(), scoring.close()]);
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
