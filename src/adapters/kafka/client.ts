import { connect, isIP } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { Kafka, logLevel, Partitioners, type ISocketFactory, type KafkaConfig, type LogEntry } from 'kafkajs';
import type { KafkaSettings } from '../../config.ts';
import { keepReasons } from './errors/requests.ts';
import { endStoppedFetches } from './fetch/fetch-loop.ts';
import { askLess } from './kafkajs/questions.ts';

export type KafkaLog = (level: 'error' | 'warn' | 'info' | 'debug', message: string, fields: object) => void;

/** kafkajs logs as errors what it retries itself (loading coordinators, elections, fenced producers): warnings here. */
const LEVELS = {
  [logLevel.ERROR]: 'warn',
  [logLevel.WARN]: 'warn',
  [logLevel.INFO]: 'info',
  [logLevel.DEBUG]: 'debug',
} as const;

function toLog(log: KafkaLog) {
  return () =>
    ({
      level,
      log: { message, logger: _logger, timestamp: _timestamp, stack: _stack, ...fields },
    }: LogEntry) => {
      if (level === logLevel.NOTHING) return;
      log(LEVELS[level], `kafka: ${message}`, fields);
    };
}

/** As that of kafkajs. */
const KEEP_ALIVE_MS = 60_000;

/**
 * kafkajs leaves Nagle's algorithm on, which holds back a request while the broker has not acknowledged the one before
 * it, up to 40 ms. Kafka's Java clients switch it off, too.
 */
export const createSocket: ISocketFactory = ({ host, port, onConnect, ...options }) => {
  const ssl = options.ssl as ConnectionOptions | false | undefined;
  const socket = ssl
    ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), ...ssl }, onConnect)
    : connect({ host, port }, onConnect);
  return socket.setKeepAlive(true, KEEP_ALIVE_MS).setNoDelay(true);
};

/** @param socketFactory what tests count with */
export function createKafka(
  { brokers, ssl, sasl }: KafkaSettings,
  log: KafkaLog,
  socketFactory: ISocketFactory = createSocket,
): Kafka {
  keepReasons();
  askLess();
  endStoppedFetches();
  const config: KafkaConfig = {
    clientId: 'imdb',
    brokers: [...brokers],
    ssl: typeof ssl === 'boolean' ? ssl : { ...ssl },
    ...(sasl && { sasl: { ...sasl } as NonNullable<KafkaConfig['sasl']> }),
    socketFactory,
    // With six attempts to connect, whatever does not answer is named within half a minute.
    connectionTimeout: 3_000,
    requestTimeout: 20_000,
    // Few and short: Temporal retries the step, and shows the error and the attempt.
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: logLevel.WARN,
    logCreator: toLog(log),
  };
  return new Kafka(config);
}

/** The partitioner of Kafka's Java clients: a key goes to the same partition as from any other producer. */
export const choosePartition = Partitioners.DefaultPartitioner();
