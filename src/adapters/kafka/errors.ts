import type { KafkaSettings } from '../../config.ts';
import { BrokerError, PipelineError } from '../../domain/errors.ts';

/**
 * Runs work that talks to Kafka. What kafkajs throws arrives as a BrokerError that says what failed, where, and at
 * which brokers; our own errors and cancellations pass.
 */
export type KafkaCall = <T>(what: string, where: string, work: () => Promise<T>) => Promise<T>;

export function createKafkaCall({ brokers }: KafkaSettings): KafkaCall {
  return async (what, where, work) => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof PipelineError || isAbort(error)) throw error;
      throw new BrokerError({
        what,
        where: `${where}, broker ${brokers.join(',')}`,
        got: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
        hint: 'Retried until the broker answers; check KAFKA_BROKERS and its credentials if it does not',
        cause: error,
      });
    }
  };
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The answer is not there yet, but will be in a moment. */
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

const FENCED = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED'];

/** Another producer has begun a transaction under the same transactional id. */
export function isFenced(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('type' in error && FENCED.includes(error.type as string)) return true;
  return isFenced(error.cause);
}
