import { resolve } from 'node:path';
import { startKafkaBroker } from './kafka/kafka-broker.ts';
import { ensureKafkaDistribution, isKafkaCached, KAFKA_VERSION } from './kafka/kafka-distribution.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { chooseLoopbackPort } from './process/loopback-port.ts';
import { describeExit } from './process/readiness.ts';
import { readLogTail } from './process/server-log.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';
import { claimOrShare, type ServiceAddresses } from './shared-services.ts';
import { findTemporalBinary } from './temporal/temporal-binary.ts';
import { startTemporalServer } from './temporal/temporal-server.ts';

export interface LocalServicesOptions {
  /** If set, this server is used and none is started. */
  readonly temporalAddress?: string | undefined;
  /** If set, these brokers are used and none is started. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly temporalCliPath?: string | undefined;
  /** Holds the servers' data between starts. Two processes with the same directory share the servers. */
  readonly stateDir: string;
  /** Holds the downloads, for all projects of this user. */
  readonly cacheDir: string;
  /** Any free ports instead of 7233, 8233 and 9092: several processes that start at once would all choose these. */
  readonly anyPorts?: boolean;
  /** Receives one line for each service that started (its source and address) or ended unexpectedly. */
  readonly onMessage?: (line: string) => void;
}

type ResolvedOptions = LocalServicesOptions & Required<Pick<LocalServicesOptions, 'anyPorts' | 'onMessage'>>;

export interface LocalServices extends ServiceAddresses {
  /** Stops what this call started, and nothing else. May be called again. */
  stop(): Promise<void>;
}

/** Starts the missing services. They end with this process, even when it is killed. */
export async function startLocalServices(options: LocalServicesOptions): Promise<LocalServices> {
  const resolved: ResolvedOptions = {
    anyPorts: false,
    onMessage: () => undefined,
    ...options,
    stateDir: resolve(options.stateDir),
    cacheDir: resolve(options.cacheDir),
  };
  const { temporalAddress, kafkaBrokers, stateDir, onMessage } = resolved;
  if (temporalAddress !== undefined && kafkaBrokers !== undefined) {
    return { temporalAddress, temporalUiUrl: undefined, kafkaBrokers, stop: async () => undefined };
  }
  const claim = await claimOrShare(stateDir, onMessage);
  if (!claim.held) {
    const { addresses } = claim;
    const isShared = temporalAddress === undefined || temporalAddress === addresses.temporalAddress;
    return {
      temporalAddress: temporalAddress ?? addresses.temporalAddress,
      temporalUiUrl: isShared ? addresses.temporalUiUrl : undefined,
      kafkaBrokers: kafkaBrokers ?? addresses.kafkaBrokers,
      stop: async () => undefined,
    };
  }
  try {
    const started = await startMissing(resolved);
    await claim.announce(started);
    let stopping: Promise<void> | undefined;
    const stopAndRelease = async () => {
      try {
        await claim.retract();
        await started.stop();
      } finally {
        await claim.release();
      }
    };
    return {
      ...started,
      stop: () => (stopping ??= stopAndRelease()),
    };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function startMissing(options: ResolvedOptions): Promise<LocalServices> {
  const isCached = await isKafkaCached(options.cacheDir);
  const check = checkPrerequisites({
    temporal: options.temporalAddress === undefined,
    kafka: options.kafkaBrokers === undefined,
    isKafkaCached: isCached,
  });
  // Nothing is downloaded in vain; without a download the servers start meanwhile.
  if (!isCached) await check;
  const starts = await Promise.allSettled([startTemporal(options), startKafka(options), check]);
  const [temporal, kafka, checked] = starts;
  const stop = async () => {
    await Promise.all(
      [temporal, kafka].map(async (start) =>
        start.status === 'fulfilled' ? start.value.server?.stop() : undefined,
      ),
    );
  };
  if (temporal.status === 'fulfilled' && kafka.status === 'fulfilled' && checked.status === 'fulfilled') {
    return { ...temporal.value.addresses, ...kafka.value.addresses, stop };
  }
  await stop();
  // A server that lacks a tool fails for the same reason, in other words.
  if (checked.status === 'rejected') throw checked.reason;
  const errors = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason as Error] : []));
  const [error] = errors;
  throw errors.length === 1 && error ? error : new AggregateError(errors, errors.map(String).join('\n'));
}

async function startTemporal({
  temporalAddress,
  temporalCliPath,
  cacheDir,
  stateDir,
  anyPorts,
  onMessage,
}: ResolvedOptions) {
  if (temporalAddress !== undefined) return { addresses: { temporalAddress, temporalUiUrl: undefined } };
  const binary = await findTemporalBinary({
    cliPath: temporalCliPath,
    cacheDir,
    onDownload: () => {
      onMessage('Downloading the Temporal CLI (44 MB, once)');
    },
  });
  const ports = anyPorts
    ? { port: await chooseLoopbackPort('Temporal'), uiPort: await chooseLoopbackPort('Temporal UI') }
    : {};
  const server = await startTemporalServer({ binary: binary.path, stateDir, ...ports });
  reportUnexpectedEnd('Temporal', server, onMessage);
  onMessage(`Temporal ${binary.version} (${binary.source}) at ${server.address}, UI ${server.uiUrl}`);
  return { server, addresses: { temporalAddress: server.address, temporalUiUrl: server.uiUrl } };
}

async function startKafka({ kafkaBrokers, cacheDir, stateDir, anyPorts, onMessage }: ResolvedOptions) {
  if (kafkaBrokers !== undefined) return { addresses: { kafkaBrokers } };
  const libDir = await ensureKafkaDistribution(cacheDir, () => {
    onMessage(`Downloading Apache Kafka ${KAFKA_VERSION} (44 MB, once)`);
  });
  const ports = anyPorts ? { port: await chooseLoopbackPort('Kafka') } : {};
  const server = await startKafkaBroker({ libDir, stateDir, ...ports });
  reportUnexpectedEnd('Kafka', server, onMessage);
  onMessage(`Apache Kafka ${KAFKA_VERSION} at ${server.address}`);
  return { server, addresses: { kafkaBrokers: [server.address] } };
}

function reportUnexpectedEnd(
  name: string,
  server: SupervisedProcess,
  onMessage: (line: string) => void,
): void {
  void server.exited.then(async (exit) => {
    if (exit.stopped) return;
    const tail = await readLogTail(server.logFile).catch(() => '');
    onMessage(
      `${name} (process ${server.pid}) ended: ${describeExit(exit)}. The end of ${server.logFile}:\n${tail}`,
    );
  });
}
