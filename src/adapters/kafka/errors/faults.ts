import type { KafkaRequest } from './permissions.ts';

/** One error among those that an error of kafkajs is made of. */
export interface Fault {
  /** The protocol's, else Node's, else the class. */
  readonly name: string;
  /** Each may be a key of the table, the most exact first. */
  readonly keys: readonly string[];
  readonly message: string;
  /** The broker that was spoken to, as host:port. */
  readonly broker: string | undefined;
  readonly request: KafkaRequest | undefined;
}

interface KafkaError {
  readonly name: string;
  readonly message: string;
  readonly cause?: unknown;
  readonly type?: unknown;
  readonly code?: unknown;
  readonly broker?: unknown;
  readonly topic?: unknown;
  readonly request?: KafkaRequest;
  readonly originalError?: unknown;
  readonly errors?: readonly unknown[];
}

/** What kafkajs and Node say in the message alone. A login that was cut off is not a wrong password. */
const BY_MESSAGE: readonly (readonly [message: RegExp, key: string])[] = [
  // The second is what kafkajs says when a connection was accepted and its first request was not answered.
  [/^(Connection timeout|Broker not connected)$/, 'ETIMEDOUT'],
  [/timed out/, 'REQUEST_TIMED_OUT'],
  [/before secure TLS connection was established/, 'NOT_TLS'],
  [/closed|^not connected/i, 'CLOSED'],
  [/mechanism is not supported/, 'UNSUPPORTED_SASL_MECHANISM'],
  [/fenced|controlled shutdown/, 'BROKERS_FENCED'],
];

/** Of an error: its innermost causes first, and the error itself last. There is at least one. */
export function faultsOf(error: unknown): readonly [Fault, ...Fault[]] {
  const [first, ...others] = errorsOf(error, new Set());
  const outermost = { name: 'Error', message: String(error) };
  return [toFault(first ?? outermost), ...others.map(toFault)];
}

function toFault({ name, message: text, type, code, broker, request }: KafkaError): Fault {
  const message = readable(text);
  const said = BY_MESSAGE.filter(([pattern]) => pattern.test(message)).map(([, key]) => key);
  const given = [type, code].filter((key) => typeof key === 'string');
  return {
    name: given[0] ?? name,
    keys: [...said, ...given, name],
    message,
    broker: typeof broker === 'string' ? broker : undefined,
    request,
  };
}

/** OpenSSL's `error:0A000412:SSL routines:ssl3_read_bytes:sslv3 alert bad certificate:…` without what only it needs. */
function readable(message: string): string {
  return message.replace(/\w*:?error:\w+:[^:]*:[^:]*:([^:]+):.*/s, '$1').replace(/\.+$/, '');
}

/** @param request of the outer error: one of several topics does not know it */
function errorsOf(error: unknown, seen: Set<unknown>, request?: KafkaRequest): KafkaError[] {
  if (!(error instanceof Error) || seen.has(error)) return [];
  seen.add(error);
  const { cause, originalError, errors = [], topic, request: own = request }: KafkaError = error;
  const about = own && typeof topic === 'string' ? { ...own, topics: [topic] } : own;
  const inner = [cause, originalError, ...errors].flatMap((next) => errorsOf(next, seen, about));
  const { name, message, type, code, broker } = error as KafkaError;
  return [...inner, { name, message, type, code, broker, ...(about && { request: about }) }];
}
