import { KafkaJSConnectionError, KafkaJSNumberOfRetriesExceeded } from 'kafkajs';
import { BrokerError } from '../../../src/domain/errors.ts';

/** As kafkajs throws when its retriers are inside each other: each stack repeats those of its causes. */
export function nestedBrokerError(depth = 12): BrokerError {
  const refused = new KafkaJSConnectionError('Connection error: connect ECONNREFUSED 127.0.0.1:9092', {
    broker: '127.0.0.1:9092',
    code: 'ECONNREFUSED',
  });
  let cause: Error = refused;
  for (let level = 0; level < depth; level += 1) {
    cause = new KafkaJSNumberOfRetriesExceeded(cause, { retryCount: 5, retryTime: 1_000 });
  }
  return new BrokerError({
    what: 'cannot publish',
    where: 'a1, broker 127.0.0.1:9092',
    got: cause.message,
    hint: 'Start the broker',
    cause,
  });
}
