import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test as base } from 'vitest';
import { createBucket } from '../../../../src/adapters/s3/bucket.ts';
import { toFailure } from '../../../../src/adapters/s3/errors/call.ts';
import { KNOWN_FAULTS } from '../../../../src/adapters/s3/errors/table.ts';
import { toS3Settings } from '../../../../src/config/s3-settings.ts';
import { AccessError, ArtifactStoreError, InvalidInput } from '../../../../src/domain/errors.ts';

type Row = readonly [code: string, status: number, failure: unknown, message: string];

/** As a store answers them. */
const ANSWERS: readonly Row[] = [
  ['InternalError', 500, ArtifactStoreError, 'Retried until the object store answers'],
  ['InternalFailure', 500, ArtifactStoreError, 'Retried'],
  ['ServiceUnavailable', 503, ArtifactStoreError, 'Retried'],
  ['SlowDown', 503, ArtifactStoreError, 'Retried'],
  ['OperationAborted', 409, ArtifactStoreError, 'Retried'],
  ['RequestTimeout', 400, ArtifactStoreError, 'Retried'],
  ['ThrottlingException', 400, ArtifactStoreError, 'Retried'],
  ['ConditionalRequestConflict', 409, ArtifactStoreError, 'Retried'],
  ['TemporaryRedirect', 307, ArtifactStoreError, 'Retried'],
  ['', 429, ArtifactStoreError, 'Retried'],
  ['', 500, ArtifactStoreError, 'Retried'],
  ['', 502, ArtifactStoreError, 'Retried'],
  ['', 503, ArtifactStoreError, 'Retried'],
  ['NoSuchKey', 404, ArtifactStoreError, 'restore the object, or reset the run'],
  ['NotFound', 404, ArtifactStoreError, 'restore the object, or reset the run'],
  ['InvalidAccessKeyId', 403, AccessError, 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ['SignatureDoesNotMatch', 403, AccessError, 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ['XAdminUserNotFound', 404, AccessError, 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  ['ExpiredToken', 400, AccessError, 'Renew the credentials'],
  ['InvalidToken', 400, AccessError, 'Renew the credentials'],
  ['TokenRefreshRequired', 400, AccessError, 'Renew the credentials'],
  ['RequestTimeTooSkewed', 403, AccessError, 'Set the clock of this machine right'],
  ['RequestExpired', 400, AccessError, 'Set the clock of this machine right'],
  ['PermanentRedirect', 301, AccessError, 'Set AWS_REGION to the region of the bucket'],
  ['AuthorizationHeaderMalformed', 400, AccessError, 'Set AWS_REGION'],
  ['IllegalLocationConstraintException', 400, AccessError, 'Set AWS_REGION'],
  ['', 301, AccessError, 'Set AWS_REGION'],
  ['NoSuchBucket', 404, AccessError, 'Create the bucket, or correct ARTIFACT_STORE or DATA_DIR'],
  ['InvalidBucketName', 400, AccessError, 'Create the bucket'],
  ['KMS.NotFoundException', 400, AccessError, 'Correct S3_KMS_KEY_ID'],
  ['KMS.DisabledException', 400, AccessError, 'Correct S3_KMS_KEY_ID'],
  ['KMS.AccessDeniedException', 400, AccessError, 'kms:Decrypt'],
  ['NotImplemented', 501, AccessError, 'Use a store that knows conditional writes'],
  ['', 501, AccessError, 'Use a store that knows conditional writes'],
  ['AccessDenied', 403, AccessError, 'expected s3:GetObject'],
  ['AllAccessDisabled', 403, AccessError, 'Add the permission'],
  ['AccountProblem', 403, AccessError, 'Add the permission'],
  ['', 403, AccessError, 'Add the permission'],
  ['KeyTooLongError', 400, InvalidInput, 'a shorter workflow id'],
];

/** As Node or the SDK says them. */
const ERRORS: readonly Row[] = [
  ...['TimeoutError', 'ECONNRESET', 'EPIPE'].map((code): Row => [code, 0, ArtifactStoreError, 'Retried']),
  ...['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].map(
    (code): Row => [code, 0, ArtifactStoreError, 'check AWS_ENDPOINT_URL_S3 (http://store:1)'],
  ),
  ['CredentialsProviderError', 0, AccessError, 'AWS_PROFILE, or give the machine a role'],
  ...[
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'CERT_NOT_YET_VALID',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  ].map((code): Row => [code, 0, AccessError, 'NODE_EXTRA_CA_CERTS']),
];

const SETTINGS = toS3Settings({
  AWS_ENDPOINT_URL_S3: 'http://store:1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  S3_FORCE_PATH_STYLE: 'true',
});
const PLACE = { kind: 's3', bucket: 'films', prefix: 'artifacts' } as const;

/** A store that refuses everything. */
const test = base.extend('refuse', async ({}, { onCleanup }) => {
  let [code, status] = ['', 500];
  const server = createServer((request, response) => {
    request.resume();
    const body = code === '' ? '' : `<Error><Code>${code}</Code><Message>no</Message></Error>`;
    response.writeHead(status, { 'content-type': 'application/xml', connection: 'close' }).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const bucket = createBucket({ ...SETTINGS, endpoint: `http://127.0.0.1:${port}` }, PLACE);
  return async (answer: string, withStatus: number): Promise<unknown> => {
    [code, status] = [answer, withStatus];
    return bucket
      .get('cannot read an artifact', 'runs/a.json')
      .next()
      .catch((error: unknown) => error);
  };
});

test.for(ANSWERS)('the answer %s with status %d has its own class and advice', async (row, { refuse }) => {
  const [code, status, Failure, message] = row;
  const failure = (await refuse(code, status)) as Error;

  expect(failure.constructor).toBe(Failure);
  expect(failure.message).toMatch(/^cannot read an artifact \[s3:\/\/films\/artifacts\/runs\/a\.json\]: /);
  expect(failure.message).toContain(code === '' ? `HTTP ${status}` : code);
  expect(failure.message).toContain(message);
});

test.for(ERRORS)('the error %s has its own class and advice', ([code, , Failure, message]) => {
  const inner = Object.assign(new Error('no'), { code });
  const failure = toFailure(new AggregateError([inner]), 'cannot write', 's3://films/a', SETTINGS) as Error;

  expect(failure.constructor).toBe(Failure);
  expect(failure.message).toContain(message);
});

test('a region that is not known is named', async () => {
  const bucket = createBucket(
    { ...SETTINGS, region: undefined, endpoint: undefined },
    { ...PLACE, bucket: 'films' },
  );
  const failure = bucket.head('cannot read', 'a');

  await expect(failure).rejects.toThrow(AccessError);
  await expect(failure).rejects.toThrow('Set AWS_REGION to the region of the bucket');
});

test('what the table does not know is retried, and bugs and our own errors pass', () => {
  const bug = new TypeError('a bug');
  const own = new InvalidInput({ what: 'ours' });

  expect(toFailure(new Error('new'), 'a', 'b', SETTINGS)).toBeInstanceOf(ArtifactStoreError);
  expect(toFailure(bug, 'a', 'b', SETTINGS)).toBe(bug);
  expect(toFailure(own, 'a', 'b', SETTINGS)).toBe(own);
});

test('every row of the table has a test', () => {
  const tested = [...ANSWERS, ...ERRORS].map(([code, status]) => (code === '' ? `HTTP ${status}` : code));

  expect([...tested, 'REGION_MISSING'].sort()).toEqual([...KNOWN_FAULTS].sort());
});
