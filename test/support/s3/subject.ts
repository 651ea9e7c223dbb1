import { createS3ArtifactStore } from '../../../src/adapters/s3/artifact-store.ts';
import { createBucket, type Bucket } from '../../../src/adapters/s3/bucket.ts';
import type { S3Settings } from '../../../src/config/s3-settings.ts';
import type { S3Place } from '../../../src/config/store-place.ts';
import type { Subject } from '../store/contract.ts';
import { inBucket } from '../store/stored-files.ts';

export interface S3Subject extends Subject {
  readonly bucket: Bucket;
}

export function createS3Subject(settings: S3Settings, place: S3Place): S3Subject {
  const bucket = createBucket(settings, place);
  return {
    bucket,
    store: createS3ArtifactStore(bucket),
    another: () => createS3ArtifactStore(bucket),
    files: inBucket(bucket),
  };
}
