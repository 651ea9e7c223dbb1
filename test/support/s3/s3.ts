import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { loadConfig } from '../../../src/config.ts';
import type { S3Settings } from '../../../src/config/s3-settings.ts';
import type { S3Place } from '../../../src/config/store-place.ts';
import { BUCKET } from './s3-mock.ts';

const SECRET = 'any secret will do';

/** A prefix that nobody else uses, in the S3 server of this test run. */
export async function newS3(): Promise<{
  readonly env: Readonly<Record<string, string>> &
    Readonly<Record<'ARTIFACT_STORE' | 'AWS_ENDPOINT_URL_S3' | 'AWS_SECRET_ACCESS_KEY', string>>;
  readonly settings: S3Settings;
  readonly place: S3Place;
}> {
  const answer = await fetch(inject('s3Starter'));
  const url = await answer.text();
  if (!answer.ok) throw new Error(url);
  const prefix = `test-${randomUUID().slice(0, 8)}`;
  const env = {
    ARTIFACT_STORE: `s3://${BUCKET}/${prefix}/artifacts`,
    AWS_ENDPOINT_URL_S3: url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: SECRET,
    S3_FORCE_PATH_STYLE: 'true',
  };
  const { s3, artifacts } = loadConfig(env);
  if (artifacts.kind !== 's3') throw new Error('expected a bucket');
  return { env, settings: s3, place: artifacts };
}
