import { X509Certificate } from 'node:crypto';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { PipelineError, type ErrorFacts } from '../../../domain/errors.ts';
import { CLOSED, lookAtServer, type Look } from './tls-look.ts';

type ConnectionOptions = ClientConnectConfig['connectionOptions'];

/** There is no connection to the Temporal server. */
export class TemporalUnreachable extends PipelineError {
  override readonly name: string = 'TemporalUnreachable';
}

/** The Temporal server refuses this program, or this program the server: a certificate, a key, TLS itself. */
export class TemporalAccessError extends TemporalUnreachable {
  override readonly name = 'TemporalAccessError';
}

/** The same error for the same cause, whether the worker or a command has met it. */
export async function explainConnectFailure(
  options: ConnectionOptions,
  cause: unknown,
): Promise<TemporalUnreachable> {
  const { address = '', tls } = options;
  const look = await lookAtServer(options).catch(() => ({ code: 'no address' }));
  const refusal = isRefusal(cause)
    ? refusedKey(options, cause)
    : tls
      ? tlsProblem(look, options)
      : speaksTls(look) && WANTS_TLS;
  if (refusal) return new TemporalAccessError({ where: address, ...refusal, cause });
  const problem = NETWORK_PROBLEMS[look.code ?? ''];
  return new TemporalUnreachable({
    what: `no Temporal server at ${address}`,
    got: problem === undefined ? reasonOf(cause) : `${problem} (${look.code})`,
    hint: 'Start one with "imdb services" or "docker compose up", or set TEMPORAL_ADDRESS',
    cause,
  });
}

type Facts = Pick<ErrorFacts, 'what' | 'expected' | 'got' | 'hint'>;

const UNKNOWN_AUTHORITY = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
];

const NETWORK_PROBLEMS: Partial<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name service does not answer',
  ETIMEDOUT: 'no answer',
};

function tlsProblem({ code = '', certificate }: Look, options: ConnectionOptions): Facts | undefined {
  const { tls, address = '' } = options;
  const { serverNameOverride, clientCertPair } = typeof tls === 'object' && tls !== null ? tls : {};
  const got = (text: string): string => `${text} (${code})`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      what: 'the certificate of the Temporal server is not valid now',
      expected: 'a certificate of today',
      got: got(`one from ${certificate?.valid_from ?? '?'} to ${certificate?.valid_to ?? '?'}`),
      hint: 'Renew it on the server, or correct the clock of this machine',
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      what: 'the certificate of the Temporal server is of another host',
      expected: serverNameOverride ?? address.replace(/:\d+$/, ''),
      got: got(certificate?.subjectaltname ?? 'no name'),
      hint: 'Correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS_SERVER_NAME to a name of the certificate',
    };
  }
  if (UNKNOWN_AUTHORITY.includes(code)) {
    return {
      what: 'the certificate of the Temporal server is of an unknown authority',
      expected: 'an authority that this machine or TEMPORAL_TLS_SERVER_CA_CERT_PATH knows',
      got: got(`"${String(certificate?.issuer.CN ?? '?')}"`),
      hint: 'Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the PEM file of that authority',
    };
  }
  if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'EPROTO') {
    return {
      what: 'the Temporal server does not use TLS',
      expected: 'TLS, because TEMPORAL_TLS or an API key or certificate is set',
      got: got('something else'),
      hint: 'Correct the port in TEMPORAL_ADDRESS, or unset TEMPORAL_TLS, the API key and the certificates',
    };
  }
  if (code.startsWith('ERR_OSSL_')) {
    return {
      what: 'the client certificate for the Temporal server cannot be used',
      expected: 'a certificate and its private key, as PEM',
      got: code,
      hint: 'Correct TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH',
    };
  }
  if (isClientRefused(code)) {
    return {
      what: 'the Temporal server does not accept the client certificate',
      expected: 'a valid certificate of an authority that the server knows',
      got: got(clientCertPair ? describe(clientCertPair.crt) : 'none'),
      hint: 'Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH to those that it issued',
    };
  }
  return undefined;
}

const WANTS_TLS: Facts = {
  what: 'the Temporal server uses TLS',
  expected: 'a server without TLS, because TEMPORAL_TLS is not set',
  hint: 'Set TEMPORAL_TLS=true',
};

/** An alert of the server, or a connection that it closes instead of an answer. */
function isClientRefused(code: string): boolean {
  return code.includes('_ALERT_') || code === CLOSED;
}

function speaksTls({ code, certificate }: Look): boolean {
  return code === undefined || certificate !== undefined || isClientRefused(code);
}

function describe(pem: Uint8Array): string {
  const { subject, issuer, validTo } = new X509Certificate(pem);
  const oneLine = (name: string): string => name.replaceAll('\n', ', ');
  return `${oneLine(subject)} of ${oneLine(issuer)}, valid until ${validTo}`;
}

const GRPC_REFUSALS = [7, 16];
/** The worker's connection has the code as a text only. */
const NATIVE_REFUSAL =
  /code: 'The (request does not have valid authentication|caller does not have permission)/;

function isRefusal(cause: unknown): boolean {
  const inner = cause instanceof ServiceError ? cause.cause : cause;
  if (isGrpcServiceError(inner)) return GRPC_REFUSALS.includes(inner.code);
  return inner instanceof Error && NATIVE_REFUSAL.test(inner.message);
}

function refusedKey({ apiKey }: ConnectionOptions, cause: unknown): Facts {
  return {
    what: 'the Temporal server does not accept the credentials',
    expected: 'an API key that is valid for the namespace',
    got: `${apiKey === undefined ? 'none' : 'one that it refuses'} (${reasonOf(cause)})`,
    hint: 'Correct TEMPORAL_API_KEY and TEMPORAL_NAMESPACE',
  };
}

function reasonOf(cause: unknown): string {
  if (cause instanceof ServiceError && cause.cause instanceof Error) return cause.cause.message;
  return cause instanceof Error ? cause.message : String(cause);
}
