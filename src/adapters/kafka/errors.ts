import type { KafkaSettings } from '../../config.ts';
import { PipelineError } from '../../domain/errors.ts';
import { faultsOf } from './errors/faults.ts';
import { BUGS, diagnose } from './errors/table.ts';

/**
 * Runs work that talks to Kafka. What kafkajs throws arrives as an error of ours, by the table in `errors/`, that says
 * what failed, where, and at which brokers; our own errors, cancellations and bugs pass.
 */
export type KafkaCall = <T>(what: string, where: string, work: () => Promise<T>) => Promise<T>;

export function createKafkaCall(settings: KafkaSettings): KafkaCall {
  return async (what, where, work) => {
    try {
      return await work();
    } catch (error) {
      throw toFailure(error, what, `${where}, broker ${settings.brokers.join(',')}`, settings);
    }
  };
}

function toFailure(error: unknown, what: string, where: string, settings: KafkaSettings): unknown {
  if (error instanceof PipelineError || isAbort(error)) return error;
  const bug = findBug(error);
  if (bug) return bug;
  const { meaning, fault } = diagnose(faultsOf(error));
  const { name, message, broker } = fault;
  const at = broker === undefined || message.includes(broker) ? '' : ` (${broker})`;
  return new meaning.Failure({
    what,
    where,
    ...(meaning.expected && { expected: meaning.expected(fault, settings) }),
    got: `${name}: ${message}${at}`,
    hint: meaning.hint(fault, settings),
    cause: error,
  });
}

/** kafkajs wraps also what is wrong in its own code or ours. */
function findBug(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return findBug(error.cause) ?? (BUGS.includes(error.name) ? error : undefined);
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

const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/** The topic takes no batch of this size: smaller ones may pass, a single record does not. */
export function isTooLarge(error: unknown): boolean {
  return faultsOf(error).some(({ name }) => TOO_LARGE.includes(name));
}

/** Also the answer of a broker that has not heard yet of a new topic. */
export function isUnknownTopic(error: unknown): boolean {
  return faultsOf(error).some(({ name }) => name === 'UNKNOWN_TOPIC_OR_PARTITION');
}

/** The last one: two producers that take turns under one id keep each other waiting. */
const FENCED = ['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED', 'CONCURRENT_TRANSACTIONS'];

/** Another producer has begun a transaction under the same transactional id. */
export function isFenced(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('type' in error && FENCED.includes(error.type as string)) return true;
  return isFenced(error.cause);
}
