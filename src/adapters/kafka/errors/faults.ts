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
  readonly request?: KafkaRequest;
  readonly originalError?: unknown;
  readonly errors?: readonly unknown[];
}

/** What kafkajs and Node say in the message alone. A login that was cut off is not a wrong password. */
const BY_MESSAGE: readonly (readonly [message: RegExp, key: string])[] = [
  [/^Connection timeout$/, 'ETIMEDOUT'],
  [/timed out/, 'REQUEST_TIMED_OUT'],
  [/before secure TLS connection was established/, 'NOT_TLS'],
  [/closed|not connected/i, 'CLOSED'],
  [/mechanism is not supported/, 'UNSUPPORTED_SASL_MECHANISM'],
  [/fenced|controlled shutdown/, 'BROKERS_FENCED'],
];

/** Of an error: its innermost causes first, and the error itself last. There is at least one. */
export function faultsOf(error: unknown): readonly [Fault, ...Fault[]] {
  const [first, ...others] = errorsOf(error, new Set());
  const outermost = { name: 'Error', message: String(error) };
  return [toFault(first ?? outermost), ...others.map(toFault)];
}

function toFault({ name, message, type, code, broker, request }: KafkaError): Fault {
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

function errorsOf(error: unknown, seen: Set<unknown>): KafkaError[] {
  if (!(error instanceof Error) || seen.has(error)) return [];
  seen.add(error);
  const { cause, originalError, errors = [] }: KafkaError = error;
  return [...[cause, originalError, ...errors].flatMap((inner) => errorsOf(inner, seen)), error];
}
