import type { S3Settings } from '../../../config/s3-settings.ts';
import {
  AccessError,
  ArtifactStoreError,
  InvalidInput,
  type ErrorFacts,
  type PipelineError,
} from '../../../domain/errors.ts';

/** What a fault means for a person. */
export interface Meaning {
  readonly Failure: new (facts: ErrorFacts) => PipelineError;
  readonly expected?: string;
  readonly hint: (settings: S3Settings) => string;
}

const RETRIED = 'Retried until the object store answers';

/** Not in the table: the store is down, slow, or asks for fewer requests. */
export const OUTAGE: Meaning = { Failure: ArtifactStoreError, hint: () => RETRIED };

const ADDRESS: Meaning = {
  Failure: ArtifactStoreError,
  hint: ({ endpoint }) =>
    endpoint === undefined
      ? `${RETRIED}; check AWS_REGION if it does not`
      : `${RETRIED}; check AWS_ENDPOINT_URL_S3 (${endpoint}) if it does not`,
};

export const MISSING: Meaning = {
  Failure: ArtifactStoreError,
  hint: () =>
    'All workers must share ARTIFACT_STORE; restore the object, or reset the run to the step that wrote it',
};

function access(hint: string, expected?: string): Meaning {
  return {
    Failure: AccessError,
    ...(expected && { expected }),
    hint: () => `${hint}; see docs/object-store.md`,
  };
}

const PERMISSION = access(
  'Add the permission',
  's3:GetObject, s3:PutObject, s3:DeleteObject, s3:AbortMultipartUpload on the keys and s3:ListBucket on the bucket',
);
const KEYS = access(
  'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and restart the worker',
  'an access key and secret that the store knows',
);
const TOKEN = access('Renew the credentials and restart the worker', 'a session token that is valid now');
const CREDENTIALS = access(
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or give the machine a role, and restart the worker',
  'credentials for the object store',
);
const CLOCK = access(
  'Set the clock of this machine right; the step then continues by itself',
  'the time of the store, within 15 minutes',
);
const REGION = access('Set AWS_REGION to the region of the bucket and restart the worker');
const BUCKET = access(
  'Create the bucket, or correct ARTIFACT_STORE or DATA_DIR and restart the worker',
  'a bucket',
);
const KMS = access(
  'Correct S3_KMS_KEY_ID, or allow kms:GenerateDataKey and kms:Decrypt with it',
  'a key of KMS that can be used',
);
const CERTIFICATE = access(
  'Renew the certificate of the store, name its host in AWS_ENDPOINT_URL_S3 as the certificate does, or set NODE_EXTRA_CA_CERTS to its authority',
  'a certificate of this host that is valid and from an authority that Node trusts',
);
const UNSUPPORTED = access(
  'Use a store that knows conditional writes (If-None-Match), multipart uploads and checksums',
);

/** By the code of S3, Node's code, the class of the SDK, or the status of an answer without a code. */
const TABLE: ReadonlyMap<string, Meaning> = new Map([
  ...rows(OUTAGE, ['InternalError', 'InternalFailure', 'ServiceUnavailable', 'SlowDown', 'OperationAborted']),
  ...rows(OUTAGE, [
    'RequestTimeout',
    'ThrottlingException',
    'ConditionalRequestConflict',
    'TemporaryRedirect',
  ]),
  ...rows(OUTAGE, ['TimeoutError', 'ECONNRESET', 'EPIPE', 'HTTP 429', 'HTTP 500', 'HTTP 502', 'HTTP 503']),
  ...rows(ADDRESS, ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH']),
  ...rows(MISSING, ['NoSuchKey', 'NotFound']),

  // The last one is versitygw's.
  ...rows(KEYS, ['InvalidAccessKeyId', 'SignatureDoesNotMatch', 'XAdminUserNotFound']),
  ...rows(TOKEN, ['ExpiredToken', 'InvalidToken', 'TokenRefreshRequired']),
  ...rows(CREDENTIALS, ['CredentialsProviderError']),
  ...rows(CLOCK, ['RequestTimeTooSkewed', 'RequestExpired']),
  ...rows(REGION, [
    'PermanentRedirect',
    'AuthorizationHeaderMalformed',
    'IllegalLocationConstraintException',
  ]),
  ...rows(REGION, ['REGION_MISSING', 'HTTP 301']),
  ...rows(BUCKET, ['NoSuchBucket', 'InvalidBucketName']),
  ...rows(KMS, ['KMS.NotFoundException', 'KMS.DisabledException', 'KMS.AccessDeniedException']),
  ...rows(CERTIFICATE, ['CERT_HAS_EXPIRED', 'ERR_TLS_CERT_ALTNAME_INVALID', 'DEPTH_ZERO_SELF_SIGNED_CERT']),
  ...rows(CERTIFICATE, [
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_NOT_YET_VALID',
  ]),
  ...rows(CERTIFICATE, ['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY']),
  ...rows(UNSUPPORTED, ['NotImplemented', 'HTTP 501']),
  // After the others: a store may answer 403 for any of them.
  ...rows(PERMISSION, ['AccessDenied', 'AllAccessDisabled', 'AccountProblem', 'HTTP 403']),

  ...rows(
    {
      Failure: InvalidInput,
      expected: 'a key of 1,024 bytes at most',
      hint: () => 'Start a new run with a shorter workflow id',
    },
    ['KeyTooLongError'],
  ),
]);

/** Each has a test. */
export const KNOWN_FAULTS = [...TABLE.keys()];

function rows(meaning: Meaning, keys: readonly string[]): [string, Meaning][] {
  return keys.map((key) => [key, meaning]);
}

export interface Diagnosis {
  readonly meaning: Meaning;
  /** The code that decided, and what the error says. */
  readonly got: string;
}

interface Fault {
  readonly keys: readonly string[];
  readonly message: string;
}

/** By the innermost error that the table knows, else an outage. */
export function diagnose(error: unknown): Diagnosis {
  const faults = faultsOf(error, new Set());
  for (const { keys, message } of faults) {
    const key = keys.find((known) => TABLE.has(known));
    const meaning = key === undefined ? undefined : TABLE.get(key);
    if (meaning) return { meaning, got: `${key}: ${message}` };
  }
  const { keys, message } = faults.at(-1) ?? { keys: ['Error'], message: String(error) };
  return { meaning: OUTAGE, got: `${keys[0]}: ${message}` };
}

interface SdkError extends Error {
  readonly code?: unknown;
  readonly Code?: unknown;
  readonly errors?: readonly unknown[];
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Innermost first. */
function faultsOf(error: unknown, seen: Set<unknown>): Fault[] {
  if (!(error instanceof Error) || seen.has(error)) return [];
  seen.add(error);
  const { name, message, code, Code, cause, errors = [], $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode;
  const keys = [Code, code, name, status === undefined ? undefined : `HTTP ${status}`].filter(
    (key): key is string => typeof key === 'string',
  );
  if (message === 'Region is missing') keys.unshift('REGION_MISSING');
  const inner = [cause, ...errors].flatMap((next) => faultsOf(next, seen));
  return [...inner, { keys, message: message || 'no message' }];
}
