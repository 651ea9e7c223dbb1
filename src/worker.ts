import { Client } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  type LogEntry,
  type WorkerInterceptors,
} from '@temporalio/worker';
import { activitiesOf, createActivities, type ActivityDeps } from './activities/index.ts';
import { MEASURES } from './activities/measures.ts';
import type { Logger } from './adapters/logger.ts';
import type { Tracing } from './adapters/otel/tracing.ts';
import { tellTimes } from './adapters/temporal/call-times.ts';
import { explainConnectFailure } from './adapters/temporal/connection/failure.ts';
import { checkDeployment } from './adapters/temporal/deployment.ts';
import { failWithFacts } from './adapters/temporal/failures.ts';
import { createHandOver } from './adapters/temporal/hand-over.ts';
import { logWithIds, toFields } from './adapters/temporal/log-ids.ts';
import { measureActivities } from './adapters/temporal/metrics/activity-metrics.ts';
import { requireStore } from './adapters/temporal/require-store.ts';
import { watchState } from './adapters/temporal/metrics/state-metrics.ts';
import { createStoreRoster } from './adapters/temporal/store-roster.ts';
import { createTroubleChannel } from './adapters/temporal/trouble/channel.ts';
import { createTroubleReporter } from './adapters/temporal/trouble/reporter.ts';
import type { Config, TemporalSettings } from './config.ts';
import { createMeasure } from './domain/metrics.ts';
import { UNVERSIONED } from './domain/names.ts';
import { type TaskKind, TASKS_OF, taskQueueOf } from './domain/roles.ts';
import { createRedactor } from './domain/redaction.ts';
import { compose } from './worker/compose.ts';
import { prometheusOptions } from './worker/metrics.ts';
import { watchNeeds, type OnLacks } from './worker/needs.ts';
import { ALONE, trainsIn, type ProcessPlace } from './worker/process-place.ts';
import { packageVersion } from './worker/package-version.ts';
import { QUEUES } from './worker/queues.ts';
import { sinksOf } from './worker/sinks.ts';
import { loadWorkflowBundle, type AnyWorkflowBundle } from './worker/workflow-bundle.ts';

/** A cancellation arrives with the answer to a heartbeat: an activity learns of it this late at most. */
const HEARTBEAT_THROTTLE = '2 seconds';
/** How long a workflow waits for the worker that ran it last before any other worker may take it. */
const STICKY_TIMEOUT = '5 seconds';
/**
 * How long workflow code may run at a stretch. The SDK's five seconds are also over for a worker that was paused (a
 * machine asleep or moved) or starved of its cores: ending its code then can end the whole process, because it corrupts
 * Node's stack of asynchronous calls. The server gives a task to another worker after ten seconds, whatever this says.
 */
const LONGEST_ACTIVATION = '2 minutes';

export interface RunningWorker {
  /** Settles when the worker has stopped; rejects with the error that stopped it. */
  readonly stopped: Promise<void>;
  /** Finishes running work or hands it over, then closes the connections. */
  shutdown(): Promise<void>;
}

/** Takes seconds to load and needs no server: a caller that starts servers loads it meanwhile. */
export interface WorkerCode {
  readonly workflowBundle: AnyWorkflowBundle;
}

export interface WorkerOptions {
  readonly place?: ProcessPlace;
  /** `host:port` where this process exposes its metrics; undefined: it measures nothing. */
  readonly metricsAddress?: string | undefined;
  /** Called when that changes; only in the process that trains, because all processes of a worker lack the same. */
  readonly onLacks?: OnLacks;
  /** What tests change. */
  readonly wrapDeps?: (deps: ActivityDeps) => ActivityDeps;
  readonly interceptors?: WorkerInterceptors;
  /** How long an activity fails before its run needs attention; half a minute. */
  readonly troubleAfterMs?: number;
}

export async function loadWorkerCode(logger: Logger): Promise<WorkerCode> {
  return { workflowBundle: await loadWorkflowBundle(toTemporalLogger(logger)) };
}

/**
 * Polls the task queues of its roles; one process of a worker takes trainings. Starts without a Kafka broker: steps that
 * need it retry until it answers.
 *
 * @throws TemporalUnreachable, TemporalAccessError, VersioningUnsupported
 */
export async function startWorker(
  config: Config,
  logger: Logger,
  code: Promise<WorkerCode> = loadWorkerCode(logger),
  options: WorkerOptions = {},
): Promise<RunningWorker> {
  const { place = ALONE, metricsAddress, wrapDeps = (deps: ActivityDeps) => deps } = options;
  const { interceptors = {}, troubleAfterMs, onLacks } = options;
  installRuntime(logger, metricsAddress);
  const tracing = await openTracing(config, logger);
  const measure = createMeasure(Runtime.instance().metricMeter);
  const [connection, { workflowBundle }] = await Promise.all([connect(config.temporal), code]);
  const namespace = config.temporal.connect.namespace ?? 'default';
  const client = new Client({ connection, namespace });
  if (config.deployment) {
    await checkDeployment(client, config.deployment, logger).catch(async (error: unknown) => {
      await connection.close();
      throw error;
    });
  }
  const taken = config.roles.filter((taken) => taken !== 'training' || trainsIn(place));
  let trainer: Worker | undefined;
  // Another process is started again when it ends.
  const trainsHere = (): boolean =>
    config.roles.includes('training') && (!trainsIn(place) || trainer?.getState() === 'RUNNING');
  const composition = await compose(config, logger, client, place, trainsHere, measure);
  const deps = wrapDeps(composition.deps);
  const redact = createRedactor(config.secrets);
  const troubleReporter = createTroubleReporter(createTroubleChannel(client, logger), troubleAfterMs);
  const handOver = createHandOver(client, logger);
  const common = {
    connection,
    namespace,
    // Every workflow task of a history repeats the build id; the SDK's default is a hundred characters long.
    workerDeploymentOptions: config.deployment
      ? ({
          useWorkerVersioning: true,
          version: config.deployment,
          defaultVersioningBehavior: 'PINNED',
        } as const)
      : ({
          useWorkerVersioning: false,
          version: { deploymentName: UNVERSIONED, buildId: packageVersion() },
        } as const),
    interceptors: {
      ...interceptors,
      activity: [
        logWithIds,
        // Outside of what removes secrets from failures.
        ...(tracing ? [tracing.activity] : []),
        handOver.interceptor,
        tellTimes,
        troubleReporter,
        measureActivities(measure, MEASURES),
        failWithFacts(redact),
        requireStore(composition.stores.identity, client.options.identity),
        ...(interceptors.activity ?? []),
      ],
    },
    shutdownGraceTime: `${config.workerGraceSeconds} seconds`,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
    isolateExecutionTimeout: LONGEST_ACTIVATION,
  };
  const activities = createActivities(deps);
  const workers: Worker[] = [];
  for (const { roles, maxActivities } of QUEUES) {
    const own = roles.filter((role) => taken.includes(role));
    const [first] = own;
    if (first === undefined) continue;
    const takes = (kind: TaskKind): boolean => own.some((role) => TASKS_OF[role].includes(kind));
    const worker = await Worker.create({
      ...common,
      taskQueue: taskQueueOf(first, config.taskQueue),
      activities: activitiesOf(own, activities),
      // Activities for workflows are local ones: they come with their workflow, not from the queue.
      enableNonLocalActivities: takes('activity'),
      maxConcurrentActivityTaskExecutions: maxActivities,
      ...(takes('workflow') && { workflowBundle, sinks: sinksOf(measure, tracing) }),
    });
    if (first === 'training') trainer = worker;
    workers.push(worker);
  }
  const needs = trainsIn(place)
    ? watchNeeds({
        roles: config.roles,
        stores: composition.stores,
        roster: createStoreRoster(client, config.taskQueue, logger),
        worker: client.options.identity,
        logger,
        onLacks,
      })
    : undefined;
  // One process is enough: all see the same.
  const state =
    metricsAddress !== undefined && place.number === 1
      ? watchState({ client, taskQueue: config.taskQueue, measure, logger })
      : undefined;
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  // When one of them ends, the others stop too: half a worker would look healthy.
  const runs = workers.map((worker) => worker.run().finally(stop));
  const stopped = Promise.allSettled(runs).then(async () => {
    await handOver.settled();
    await state?.close();
    await needs?.close();
    await composition.close();
    await connection.close();
    await tracing?.close();
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

async function connect({ connect: { connectionOptions } }: TemporalSettings): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions);
  } catch (cause) {
    throw await explainConnectFailure(connectionOptions, cause);
  }
}

/** Takes a while to load, and most workers send no traces. */
async function openTracing({ traces }: Config, logger: Logger): Promise<Tracing | undefined> {
  if (!traces) return undefined;
  const { startTracing } = await import('./adapters/otel/tracing.ts');
  return startTracing(traces, (error) => {
    logger.warn({ error }, 'the collector does not take traces');
  });
}

let runtimeInstalled = false;

/** Once per process. It handles no signals: the commands know what else has to stop, and in which order. */
function installRuntime(logger: Logger, metricsAddress: string | undefined): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    shutdownSignals: [],
    logger: toTemporalLogger(logger),
    // Otherwise the SDK's native part writes to standard output, where the result of a command belongs.
    telemetryOptions: {
      logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} },
      ...(metricsAddress !== undefined && { metrics: prometheusOptions(metricsAddress) }),
    },
  });
}

function toTemporalLogger(logger: Logger): DefaultLogger {
  return new DefaultLogger('INFO', (entry: LogEntry) => {
    logger[entry.level.toLowerCase() as 'info'](toFields(entry), entry.message);
  });
}
