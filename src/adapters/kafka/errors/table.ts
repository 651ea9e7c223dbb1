import type { KafkaSettings } from '../../../config.ts';
import {
  AccessError,
  BrokerError,
  BrokerRefused,
  InvalidInput,
  type ErrorFacts,
  type PipelineError,
} from '../../../domain/errors.ts';
import type { Fault } from './faults.ts';
import { describePermission, REFUSAL_TYPES } from './permissions.ts';

/** What a fault means for a person. */
export interface Meaning {
  readonly Failure: new (facts: ErrorFacts) => PipelineError;
  readonly expected?: (fault: Fault, settings: KafkaSettings) => string;
  readonly hint: (fault: Fault, settings: KafkaSettings) => string;
}

/** Errors of code, ours or kafkajs': they pass as what they are. */
export const BUGS = [
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'AssertionError',
  'KafkaJSInvariantViolation',
];

const RETRIED = 'Retried until the broker answers';

/** Not in the table: the broker is down, slow, or between two states. */
const OUTAGE: Meaning = { Failure: BrokerError, hint: () => RETRIED };

/** An address may be wrong, but only one that was given here: the others are the cluster's own. */
const ADDRESS: Meaning = {
  Failure: BrokerError,
  hint: ({ broker }, { brokers }) =>
    broker === undefined || brokers.includes(broker)
      ? `${RETRIED}; check KAFKA_BROKERS if it does not`
      : `${RETRIED}. The cluster advertises ${broker}: make that address reachable for this worker if it is not`,
};

/** The other side speaks something else; or it was cut off, as in any restart. */
function listener(variables: string): Meaning {
  return {
    Failure: BrokerError,
    hint: (_, { ssl, sasl }) =>
      `${RETRIED}. If it closes every connection, check ${variables}: the worker ` +
      `${ssl ? 'speaks TLS' : 'speaks no TLS'} and ${sasl ? 'logs in' : 'does not log in'}, the port may want otherwise`,
  };
}

function access(hint: string, expected?: string): Meaning {
  return {
    Failure: AccessError,
    ...(expected !== undefined && { expected: () => expected }),
    hint: () => `${hint}; see docs/kafka.md`,
  };
}

const LOGIN = access(
  'Correct KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD and restart the worker, or create the user',
  'a user and password that the broker knows',
);

const MECHANISM: Meaning = {
  ...access('Set KAFKA_SASL_MECHANISM to one that the listener offers and restart the worker'),
  expected: (_, { sasl }) => `a listener that offers ${sasl?.mechanism.toUpperCase() ?? 'a login'}`,
};

const PERMISSION: Meaning = {
  Failure: AccessError,
  expected: ({ keys, request }, { sasl }) => {
    const refusal = keys.find((key) => REFUSAL_TYPES.includes(key)) ?? '';
    return `${describePermission(refusal, request)} for ${sasl ? `User:${sasl.username}` : 'this worker'}`;
  },
  hint: () => 'Add this ACL; see docs/kafka.md',
};

const AUTHORITY = access(
  'Set KAFKA_SSL_CA to the PEM file of the authority that signed it and restart the worker, or renew it',
  'a certificate of the broker from an authority that this worker trusts',
);

const CLIENT_CERTIFICATE = access(
  'Correct KAFKA_SSL_CERT and KAFKA_SSL_KEY and restart the worker',
  'a client certificate that the broker accepts',
);

function refused(hint: string): Meaning {
  return { Failure: BrokerRefused, hint: () => hint };
}

const CHANGE_CLUSTER = refused('Ask the operator of the cluster, then reset the run to this step');
const VERSION = refused('Use brokers of version 2.4 or later, and topics that their clients can read');

/** By the protocol's name of an error, Node's code, or kafkajs' class. What is not here is an outage. */
const TABLE: ReadonlyMap<string, Meaning> = new Map([
  ...rows(OUTAGE, ['REQUEST_TIMED_OUT']),
  ...rows(ADDRESS, ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']),
  ...rows(listener('KAFKA_SSL and KAFKA_SASL_MECHANISM'), ['CLOSED', 'ILLEGAL_SASL_STATE']),
  ...rows(listener('KAFKA_SSL and the ports of KAFKA_BROKERS'), [
    'NOT_TLS',
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  ]),

  ...rows(PERMISSION, REFUSAL_TYPES),
  ...rows(MECHANISM, ['UNSUPPORTED_SASL_MECHANISM']),
  ...rows(LOGIN, ['SASL_AUTHENTICATION_FAILED', 'KafkaJSSASLAuthenticationError']),
  ...rows(access('Renew the certificate of the broker', 'a certificate that is valid today'), [
    'CERT_HAS_EXPIRED',
    'CERT_NOT_YET_VALID',
  ]),
  ...rows(
    access(
      'Use a host name that the certificate contains in KAFKA_BROKERS and advertised.listeners, or renew it',
      'a certificate of the broker for this host',
    ),
    ['ERR_TLS_CERT_ALTNAME_INVALID'],
  ),
  ...rows(AUTHORITY, ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN']),
  ...rows(AUTHORITY, ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT']),
  ...rows(AUTHORITY, ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_SIGNATURE_FAILURE', 'CERT_UNTRUSTED']),
  ...rows(CLIENT_CERTIFICATE, [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
  ]),
  ...rows(CLIENT_CERTIFICATE, [
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
    'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED',
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED',
    'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN',
    'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE',
    'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  ]),

  ...rows(
    {
      Failure: InvalidInput,
      expected: () => 'a name that Kafka accepts and that collides with no other topic',
      hint: () => 'Start a new run with another "topic". "." and "_" count as the same character',
    },
    ['INVALID_TOPIC_EXCEPTION'],
  ),
  ...rows(
    refused(
      'Raise max.message.bytes of the topic, or shorten the record; then retry the micro-batch or reset',
    ),
    ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'],
  ),
  // Before the factor itself: while all brokers restart, none can take a replica.
  ...rows(OUTAGE, ['BROKERS_FENCED']),
  ...rows(CHANGE_CLUSTER, ['INVALID_REPLICATION_FACTOR', 'INVALID_PARTITIONS', 'INVALID_CONFIG']),
  ...rows(CHANGE_CLUSTER, ['POLICY_VIOLATION', 'INVALID_REPLICA_ASSIGNMENT', 'INVALID_GROUP_ID']),
  ...rows(refused('Raise transaction.max.timeout.ms of the brokers to 60000 or more, then reset the run'), [
    'INVALID_TRANSACTION_TIMEOUT',
  ]),
  ...rows(refused('Raise offset.metadata.max.bytes of the brokers, then reset the run'), [
    'OFFSET_METADATA_TOO_LARGE',
  ]),
  ...rows(refused('The topic accepts no such record: it may be compacted, or check timestamps'), [
    'INVALID_RECORD',
    'INVALID_TIMESTAMP',
  ]),
  ...rows(VERSION, ['UNSUPPORTED_VERSION', 'UNSUPPORTED_FOR_MESSAGE_FORMAT', 'UNSUPPORTED_COMPRESSION_TYPE']),
  ...rows(VERSION, ['KafkaJSServerDoesNotSupportApiKey', 'KafkaJSUnsupportedMagicByteInMessageSet']),
]);

/** Each has a test. */
export const KNOWN_FAULTS = [...TABLE.keys()];

function rows(meaning: Meaning, keys: readonly string[]): [string, Meaning][] {
  return keys.map((key) => [key, meaning]);
}

export interface Diagnosis {
  readonly meaning: Meaning;
  readonly fault: Fault;
}

/** The innermost fault that the table knows, else an outage. */
export function diagnose(faults: readonly [Fault, ...Fault[]]): Diagnosis {
  for (const fault of faults) {
    const meaning = fault.keys.map((key) => TABLE.get(key)).find((found) => found !== undefined);
    if (meaning) return { meaning, fault };
  }
  return { meaning: OUTAGE, fault: faults[0] };
}
