import { Kafka, logLevel, Partitioners, type KafkaConfig, type LogEntry } from 'kafkajs';
import type { KafkaSettings } from '../../config.ts';
import { BrokerError, PipelineError } from '../../domain/errors.ts';

export type KafkaLog = (level: 'error' | 'warn' | 'info' | 'debug', message: string, fields: object) => void;

const LEVELS = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
} as const;

/** Retries end so that Temporal can show why; the transaction is aborted then, so nothing is at risk. */
const HARMLESS = 'Limiting retries for the idempotent producer may invalidate EoS guarantees';

/**
 * What Kafka answers on the way to a healthy connection (a coordinator that is loading, an election, a fenced
 * zombie): kafkajs calls it an error and retries. What is left after its retries reaches Temporal as BrokerError.
 */
function toLog(log: KafkaLog) {
  return () =>
    ({
      level,
      log: { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...fields },
    }: LogEntry) => {
      if (level === logLevel.NOTHING || message === HARMLESS) return;
      log(LEVELS[level] === 'error' ? 'warn' : LEVELS[level], `kafka: ${message}`, fields);
    };
}

export function createKafka({ brokers, ssl, sasl }: KafkaSettings, log: KafkaLog): Kafka {
  const config: KafkaConfig = {
    clientId: 'imdb',
    brokers: [...brokers],
    ssl,
    ...(sasl && { sasl: { ...sasl } as NonNullable<KafkaConfig['sasl']> }),
    connectionTimeout: 5_000,
    requestTimeout: 30_000,
    // Short: Temporal retries the step, shows why, and keeps count.
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: logLevel.WARN,
    logCreator: toLog(log),
  };
  return new Kafka(config);
}

/** The partitioner of Kafka's Java clients: records of one key go where any other producer would put them. */
export const choosePartition = Partitioners.DefaultPartitioner();

/** Whatever went wrong on the way to the broker, as ours; our own errors and a cancellation pass. */
export function toBrokerError(what: string, where: string, settings: KafkaSettings, cause: unknown): Error {
  if (cause instanceof PipelineError) return cause;
  if (cause instanceof Error && cause.name === 'AbortError') return cause;
  return new BrokerError({
    what,
    where: `${where}, broker ${settings.brokers.join(',')}`,
    got: cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause),
    hint: 'Retried until the broker answers; check KAFKA_BROKERS and its credentials if it does not',
    cause,
  });
}

/** What is asked for will be there in a moment. */
export class TransientError extends Error {
  override readonly name = 'TransientError';
}

/** The broker's "not yet": a topic that was just created, a coordinator that is loading, an election. */
export function isTransient(error: unknown): boolean {
  if (error instanceof TransientError) return true;
  return (
    error instanceof Error &&
    error.name === 'KafkaJSProtocolError' &&
    'retriable' in error &&
    error.retriable === true
  );
}
