import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { createKafkaCall, isFenced } from '../../../../src/adapters/kafka/errors.ts';
import type { KafkaRequest } from '../../../../src/adapters/kafka/errors/permissions.ts';
import { KNOWN_FAULTS } from '../../../../src/adapters/kafka/errors/table.ts';
import type { KafkaSettings } from '../../../../src/config.ts';
import { BrokerError, type PipelineError } from '../../../../src/domain/errors.ts';

type ErrorClass = new (...args: unknown[]) => Error;

const load = createRequire(import.meta.url);
const kafkajs = load('kafkajs/src/errors.js') as Record<string, ErrorClass>;
const { errorCodes } = load('kafkajs/src/protocol/error.js') as {
  readonly errorCodes: readonly { readonly type: string }[];
};

const SETTINGS: KafkaSettings = {
  brokers: ['seed:9092'],
  ssl: true,
  sasl: { mechanism: 'scram-sha-512', username: 'imdb', password: 'secret' },
};

function of(name: string, ...args: unknown[]): Error {
  const Class = kafkajs[name];
  if (!Class) throw new Error(`kafkajs has no ${name}`);
  return new Class(...args);
}

function protocol(type: string, request?: Partial<KafkaRequest>): Error {
  const error = of('KafkaJSProtocolError', errorCodes.find((code) => code.type === type) ?? { type });
  const nothing = { topics: [], groups: [], transactionalIds: [] };
  return request ? Object.assign(error, { request: { ...nothing, ...request } }) : error;
}

function connection(code: string, broker = 'seed:9092'): Error {
  return of('KafkaJSConnectionError', `Connection error: ${code}`, { broker, code });
}

/** As kafkajs gives up: the error inside one that counts the attempts. */
function exhausted(error: Error): Error {
  return of('KafkaJSNumberOfRetriesExceeded', error, { retryCount: 5, retryTime: 2_000 });
}

/** As kafkajs gives up at once. */
function given(error: Error): Error {
  return of('KafkaJSNonRetriableError', error, { cause: error });
}

async function failureOf(error: unknown, settings = SETTINGS): Promise<PipelineError> {
  const kafkaCall = createKafkaCall(settings);
  const failed = kafkaCall('cannot publish', 'a1', () => Promise.reject(error as Error));
  return failed.then(
    () => expect.unreachable('the call failed'),
    (failure: unknown) => failure as PipelineError,
  );
}

const ADDRESS = /check KAFKA_BROKERS if it does not/;
const LISTENER = /check KAFKA_SSL and .*: the worker speaks TLS and logs in/;
const AUTHORITY = /Set KAFKA_SSL_CA/;
const CLIENT_CERTIFICATE = /Correct KAFKA_SSL_CERT and KAFKA_SSL_KEY/;
const LOGIN = /Correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD/;
const OUTAGE = /Retried until the broker answers$/;
const CLUSTER = /Ask the operator of the cluster/;
const VERSION = /Use brokers of version 2\.4 or later/;
const TOO_LARGE = /Raise max\.message\.bytes of the topic/;

const CODES: readonly (readonly [type: string, codes: readonly string[], hint: RegExp])[] = [
  ['BrokerError', ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT'], ADDRESS],
  ['BrokerError', ['EHOSTUNREACH', 'ENETUNREACH'], ADDRESS],
  ['BrokerError', ['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'], LISTENER],
  ['BrokerError', ['ECONNRESET', 'EPIPE'], OUTAGE],
  ['AccessError', ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'], /Renew the certificate of the broker/],
  ['AccessError', ['ERR_TLS_CERT_ALTNAME_INVALID'], /Use a host name that the certificate contains/],
  ['AccessError', ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'], AUTHORITY],
  ['AccessError', ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT'], AUTHORITY],
  ['AccessError', ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED'], AUTHORITY],
  ['AccessError', ['CERT_SIGNATURE_FAILURE'], AUTHORITY],
  ['AccessError', ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'], CLIENT_CERTIFICATE],
  ['AccessError', ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA'], CLIENT_CERTIFICATE],
  ...['ERR_SSL_SSLV3_ALERT', 'ERR_SSL_SSL/TLS_ALERT'].map((alert) => {
    const reasons = ['EXPIRED', 'REVOKED', 'UNKNOWN'].map((reason) => `${alert}_CERTIFICATE_${reason}`);
    const codes = [`${alert}_BAD_CERTIFICATE`, `${alert}_HANDSHAKE_FAILURE`, ...reasons];
    return ['AccessError', codes, CLIENT_CERTIFICATE] as const;
  }),
];

const TYPES: readonly (readonly [type: string, types: readonly string[], hint: RegExp])[] = [
  ['BrokerError', ['NOT_ENOUGH_REPLICAS', 'LEADER_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS'], OUTAGE],
  ['BrokerError', ['REQUEST_TIMED_OUT', 'UNKNOWN', 'INVALID_PRODUCER_EPOCH', 'UNKNOWN_PRODUCER_ID'], OUTAGE],
  ['BrokerError', ['ILLEGAL_SASL_STATE'], LISTENER],
  ['AccessError', ['TOPIC_AUTHORIZATION_FAILED', 'GROUP_AUTHORIZATION_FAILED'], /Add this ACL/],
  ['AccessError', ['TRANSACTIONAL_ID_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED'], /Add this ACL/],
  ['AccessError', ['UNSUPPORTED_SASL_MECHANISM'], /Set KAFKA_SASL_MECHANISM/],
  ['AccessError', ['SASL_AUTHENTICATION_FAILED'], LOGIN],
  ['InvalidInput', ['INVALID_TOPIC_EXCEPTION'], /another "topic"/],
  ['BrokerRefused', ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'], TOO_LARGE],
  ['BrokerRefused', ['INVALID_REPLICATION_FACTOR', 'INVALID_PARTITIONS', 'INVALID_CONFIG'], CLUSTER],
  ['BrokerRefused', ['POLICY_VIOLATION', 'INVALID_REPLICA_ASSIGNMENT', 'INVALID_GROUP_ID'], CLUSTER],
  ['BrokerRefused', ['INVALID_TRANSACTION_TIMEOUT'], /Raise transaction\.max\.timeout\.ms/],
  ['BrokerRefused', ['OFFSET_METADATA_TOO_LARGE'], /Raise offset\.metadata\.max\.bytes/],
  ['BrokerRefused', ['INVALID_RECORD', 'INVALID_TIMESTAMP'], /it may be compacted/],
  ['BrokerRefused', ['UNSUPPORTED_VERSION', 'UNSUPPORTED_FOR_MESSAGE_FORMAT'], VERSION],
  ['BrokerRefused', ['UNSUPPORTED_COMPRESSION_TYPE'], VERSION],
];

/** What kafkajs says by the class or the message alone. */
const OTHERS: readonly (readonly [keys: readonly string[], error: Error, type: string, hint: RegExp])[] = [
  [
    ['ETIMEDOUT'],
    of('KafkaJSConnectionError', 'Connection timeout', { broker: 'seed:9092' }),
    'BrokerError',
    ADDRESS,
  ],
  [[], of('KafkaJSNonRetriableError', 'Broker not connected'), 'BrokerError', ADDRESS],
  [['CLOSED'], of('KafkaJSConnectionClosedError', 'Closed connection'), 'BrokerError', LISTENER],
  [
    ['NOT_TLS'],
    of(
      'KafkaJSConnectionError',
      'Connection error: Client network socket disconnected before secure TLS connection was established',
      { code: 'ECONNRESET' },
    ),
    'BrokerError',
    LISTENER,
  ],
  [[], of('KafkaJSRequestTimeoutError', 'Request Produce timed out'), 'BrokerError', OUTAGE],
  [
    ['KafkaJSSASLAuthenticationError'],
    of('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: Authentication failed'),
    'AccessError',
    LOGIN,
  ],
  [
    [],
    of('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: Connection closed by the server'),
    'BrokerError',
    LISTENER,
  ],
  [
    [],
    of('KafkaJSSASLAuthenticationError', 'SASL SCRAM SHA512 authentication failed: Request timed out'),
    'BrokerError',
    OUTAGE,
  ],
  [
    [],
    of('KafkaJSSASLAuthenticationError', 'SASL PLAIN mechanism is not supported by the server'),
    'AccessError',
    /Set KAFKA_SASL_MECHANISM/,
  ],
  [
    ['BROKERS_FENCED'],
    of('KafkaJSAggregateError', 'Topic creation errors', [
      Object.assign(protocol('INVALID_REPLICATION_FACTOR'), { message: 'All brokers are currently fenced.' }),
    ]),
    'BrokerError',
    OUTAGE,
  ],
  [
    ['KafkaJSServerDoesNotSupportApiKey'],
    of('KafkaJSServerDoesNotSupportApiKey', 'The Kafka server does not support this', {}),
    'BrokerRefused',
    VERSION,
  ],
  [
    ['KafkaJSUnsupportedMagicByteInMessageSet'],
    of('KafkaJSUnsupportedMagicByteInMessageSet', 'Unsupported magic byte'),
    'BrokerRefused',
    VERSION,
  ],
  [[], of('KafkaJSNoBrokerAvailableError'), 'BrokerError', OUTAGE],
  [[], new Error('the consumer had to rejoin its group'), 'BrokerError', OUTAGE],
];

const ROWS: readonly (readonly [key: string, type: string, error: Error, hint: RegExp])[] = [
  ...CODES.flatMap(([type, codes, hint]) =>
    codes.map((code) => [code, type, connection(code), hint] as const),
  ),
  ...TYPES.flatMap(([type, types, hint]) => types.map((key) => [key, type, protocol(key), hint] as const)),
  ...OTHERS.map(([keys, error, type, hint]) => [keys[0] ?? error.message, type, error, hint] as const),
];

test.for(ROWS)('%s is a %s, wherever kafkajs hides it', async ([, type, error, hint]) => {
  const wrapped = [error, exhausted(error), given(exhausted(error)), given(error)];
  for (const failure of await Promise.all(wrapped.map((thrown) => failureOf(thrown)))) {
    expect(failure.name).toBe(type);
    expect(failure.message).toMatch(hint);
    expect(failure.message).toContain('cannot publish [a1, broker seed:9092]: ');
  }
});

test('every fault of the table has a row in this test', () => {
  const tested = new Set([...ROWS.map(([key]) => key), ...OTHERS.flatMap(([keys]) => keys)]);

  expect(KNOWN_FAULTS.filter((key) => !tested.has(key))).toEqual([]);
});

test('KAFKA_BROKERS is blamed only for an address that it names', async () => {
  const { message } = await failureOf(exhausted(connection('ECONNREFUSED', 'broker-2:9092')));

  expect(message).toContain('The cluster advertises broker-2:9092');
  expect(message).not.toContain('KAFKA_BROKERS');
});

test.for<[Partial<KafkaRequest>, string, string]>([
  [{ api: 'produce', topics: ['a1'] }, 'TOPIC_AUTHORIZATION_FAILED', 'WRITE on topic a1'],
  [
    { api: 'metadata', topics: ['a1', 'a1.predictions'] },
    'TOPIC_AUTHORIZATION_FAILED',
    'READ on topic a1, a1.predictions',
  ],
  [{ api: 'joinGroup', groups: ['g'] }, 'GROUP_AUTHORIZATION_FAILED', 'READ on group g'],
  [
    { api: 'initProducerId', transactionalIds: ['imdb/r/batch'] },
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    'WRITE on transactional id imdb/r/batch',
  ],
  [{ api: 'createTopics', topics: ['a1'] }, 'CLUSTER_AUTHORIZATION_FAILED', 'CREATE on cluster'],
])('a refused %j names the operation, the resource and the user', async ([request, type, expected]) => {
  const { message } = await failureOf(given(protocol(type, request)));

  expect(message).toContain(`expected ${expected} for User:imdb, got ${type}: `);
});

test.for(['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError'])(
  'a %s is a bug and no failure of the broker',
  async (name) => {
    const bug = Object.assign(new Error('x is undefined'), { name });

    for (const thrown of [bug, given(bug), given(given(bug))]) expect(await failureOf(thrown)).toBe(bug);
  },
);

test('what is ours already, and a cancellation, pass unchanged', async () => {
  const abort = new DOMException('cancelled', 'AbortError');
  const own = new BrokerError({ what: 'another replay has taken over' });

  expect(await failureOf(abort)).toBe(abort);
  expect(await failureOf(own)).toBe(own);
});

test('a fenced producer is recognised behind the errors that wrap it', () => {
  expect(isFenced(given(protocol('INVALID_PRODUCER_EPOCH')))).toBe(true);
  expect(isFenced(given(protocol('CONCURRENT_TRANSACTIONS')))).toBe(true);
  expect(isFenced(given(protocol('NOT_ENOUGH_REPLICAS')))).toBe(false);
});
