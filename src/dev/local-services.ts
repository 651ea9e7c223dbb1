import { resolve } from 'node:path';
import { isKafkaCached } from './kafka/kafka-distribution.ts';
import { checkPrerequisites } from './prerequisites.ts';
import { startKafka, startTemporal, type ServiceStartOptions } from './service-starts.ts';
import { claimOrShare, type ServiceAddresses } from './shared-services.ts';

export interface LocalServicesOptions {
  /** Set: used as it is, and no Temporal server is started. */
  readonly temporalAddress?: string | undefined;
  /** Set: used as they are, and no broker is started. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly temporalCliPath?: string | undefined;
  /** What the servers keep between starts. Two processes with the same directory share the servers. */
  readonly stateDir: string;
  /** Where downloads are kept, for all projects of this user. */
  readonly cacheDir: string;
  /** Insist on 7233, 8233 and 9092 instead of falling back to free ports. */
  readonly fixedPorts?: boolean;
  /** One line for people: what is started, from where, at which address, and what ended unexpectedly. */
  readonly onMessage?: (line: string) => void;
}

export interface LocalServices extends ServiceAddresses {
  /** Stops what was started here, and nothing else. May be called again. */
  stop(): Promise<void>;
}

/** Starts what is missing. The servers end with this process, however it ends. */
export async function startLocalServices(options: LocalServicesOptions): Promise<LocalServices> {
  const resolved: ServiceStartOptions = {
    fixedPorts: false,
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
    const isTheirs = temporalAddress === undefined || temporalAddress === addresses.temporalAddress;
    return {
      temporalAddress: temporalAddress ?? addresses.temporalAddress,
      temporalUiUrl: isTheirs ? addresses.temporalUiUrl : undefined,
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

async function startMissing(options: ServiceStartOptions): Promise<LocalServices> {
  await checkPrerequisites({
    temporal: options.temporalAddress === undefined,
    kafka: options.kafkaBrokers === undefined,
    isKafkaCached: await isKafkaCached(options.cacheDir),
  });
  const starts = await Promise.allSettled([startTemporal(options), startKafka(options)]);
  const stop = async () => {
    await Promise.all(
      starts.map(async (start) => (start.status === 'fulfilled' ? start.value.server?.stop() : undefined)),
    );
  };
  const [temporal, kafka] = starts;
  if (temporal.status === 'fulfilled' && kafka.status === 'fulfilled') {
    return { ...temporal.value.addresses, ...kafka.value.addresses, stop };
  }
  await stop();
  const errors = starts.flatMap((start) => (start.status === 'rejected' ? [start.reason as Error] : []));
  const [error] = errors;
  throw errors.length === 1 && error ? error : new AggregateError(errors, errors.map(String).join('\n'));
}
