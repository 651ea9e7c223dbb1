import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBucket } from '../../../src/adapters/s3/bucket.ts';
import type { S3Settings } from '../../../src/config/s3-settings.ts';
import type { S3Place } from '../../../src/config/store-place.ts';
import { AccessError, ArtifactStoreError } from '../../../src/domain/errors.ts';
import { BUCKET } from '../../support/s3/s3-mock.ts';
import { createS3Subject } from '../../support/s3/subject.ts';
import { hasVersitygw, startVersitygw, type Versitygw } from '../../support/s3/versitygw.ts';
import { testArtifactStore } from '../../support/store/contract.ts';

const newPlace = (): S3Place => ({ kind: 's3', bucket: BUCKET, prefix: randomUUID() });

describe.skipIf(!hasVersitygw)('with versitygw on PATH', () => {
  let server: Versitygw;
  beforeAll(async () => {
    server = await startVersitygw();
  });
  afterAll(() => server.stop());

  testArtifactStore(async (onCleanup) => {
    const subject = createS3Subject(server.settings, newPlace());
    onCleanup(() => {
      subject.bucket.close();
    });
    return subject;
  });

  test.for<readonly [string, Partial<S3Place>, Partial<S3Settings>, string, string]>([
    [
      'an unknown key',
      {},
      { credentials: { accessKeyId: 'nobody', secretAccessKey: 'x' } },
      'XAdminUserNotFound',
      'Correct AWS_ACCESS_KEY_ID',
    ],
    [
      'a wrong secret',
      {},
      { credentials: { accessKeyId: 'root-key', secretAccessKey: 'x' } },
      'SignatureDoesNotMatch',
      'Correct AWS_ACCESS_KEY_ID',
    ],
    ['a missing bucket', { bucket: 'nothing' }, {}, 'NoSuchBucket', 'Create the bucket'],
    ['a wrong region', {}, { region: 'eu-north-1' }, 'AuthorizationHeaderMalformed', 'Set AWS_REGION'],
  ])('%s is an AccessError that says what to correct', async ([, place, settings, code, hint]) => {
    const { store, bucket } = createS3Subject(
      { ...server.settings, ...settings },
      { ...newPlace(), ...place },
    );
    const artifact = {
      run: 'run',
      name: 'a',
      extension: '.json',
      bytes: new Uint8Array([1]),
      rows: 1,
    } as const;
    for (const work of [() => store.write(artifact), () => store.discardBatches('run', 1)]) {
      const failure = (await work().catch((error: unknown) => error)) as Error;

      expect(failure).toBeInstanceOf(AccessError);
      expect(failure.message).toContain(`s3://${place.bucket ?? BUCKET}/`);
      expect(failure.message).toContain(code);
      expect(failure.message).toContain(hint);
    }
    bucket.close();
  });

  test('a store that is away is an outage that names its address', async () => {
    const bucket = createBucket({ ...server.settings, endpoint: 'http://127.0.0.1:1' }, newPlace());
    const failure = bucket.head('cannot read an artifact', 'a');

    await expect(failure).rejects.toThrow(ArtifactStoreError);
    await expect(failure).rejects.toThrow('check AWS_ENDPOINT_URL_S3 (http://127.0.0.1:1)');
  });
});
