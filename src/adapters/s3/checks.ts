import { createHash, randomUUID } from 'node:crypto';
import { STORE_CHECK_PREFIX } from '../../domain/names.ts';
import type { Bucket } from './bucket.ts';

const STORE = 'cannot write and read the artifact store';

/** Writes, reads, lists and removes a small object. @throws ArtifactStoreError, AccessError */
export async function checkS3Store(bucket: Bucket): Promise<void> {
  const name = `${STORE_CHECK_PREFIX}${randomUUID()}`;
  const body = Buffer.from(name);
  const sha256 = createHash('sha256').update(body).digest('hex');
  await bucket.put(STORE, name, body, { sha256, ifAbsent: true });
  try {
    await bucket.get(STORE, name).next();
    await bucket.list(STORE, name).next();
  } finally {
    await bucket.remove(STORE, [name]);
  }
}

/** Lists the first of its objects. @throws ArtifactStoreError, AccessError */
export async function checkS3Data(bucket: Bucket): Promise<void> {
  await bucket.list('cannot list the data directory', '').next();
}
