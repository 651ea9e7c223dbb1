import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig, type Config } from '../../../src/config.ts';

test.for<[string, Config['artifacts']]>([
  ['s3://films/v1/artifacts/', { kind: 's3', bucket: 'films', prefix: 'v1/artifacts' }],
  ['s3://films', { kind: 's3', bucket: 'films', prefix: '' }],
  ['file:///srv/a%20b', { kind: 'directory', path: '/srv/a b' }],
  ['file:artifacts', { kind: 'directory', path: resolve('artifacts') }],
  ['/srv/artifacts', { kind: 'directory', path: '/srv/artifacts' }],
])('artifacts and datasets are in a directory or a bucket: %s', ([text, place]) => {
  const { artifacts, data } = loadConfig({ ARTIFACT_STORE: text, DATA_DIR: text });

  expect([artifacts, data]).toEqual([place, place]);
});

test('an object store is reached as AWS’s own variables say', () => {
  const { s3, secrets } = loadConfig({
    AWS_REGION: 'eu-north-1',
    AWS_ENDPOINT_URL: 'http://all:1',
    AWS_ENDPOINT_URL_S3: 'http://store:9000',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret-key',
    AWS_SESSION_TOKEN: 'token-of-it',
    S3_FORCE_PATH_STYLE: 'true',
    S3_SERVER_SIDE_ENCRYPTION: 'aws:kms',
    S3_KMS_KEY_ID: 'key',
  });

  expect(s3).toEqual({
    region: 'eu-north-1',
    endpoint: 'http://store:9000',
    forcePathStyle: true,
    encryption: { algorithm: 'aws:kms', kmsKeyId: 'key' },
    credentials: { accessKeyId: 'id', secretAccessKey: 'secret-key', sessionToken: 'token-of-it' },
  });
  expect(secrets).toEqual(['secret-key', 'token-of-it']);
  expect(loadConfig({}).s3).toMatchObject({ region: undefined, credentials: undefined });
  expect(loadConfig({ AWS_ENDPOINT_URL: 'http://all:1' }).s3.region).toBe('us-east-1');
});
