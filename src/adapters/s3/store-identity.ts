import { createHash, randomUUID } from 'node:crypto';
import type { StoreIdentity } from '../../activities/store-identity.ts';
import { STORE_ID_FILE } from '../../domain/names.ts';
import type { Bucket } from './bucket.ts';

const WHAT = 'cannot read or write the identity of the artifact store';

export function createS3StoreIdentity(bucket: Bucket): StoreIdentity {
  return {
    place: bucket.urlOf(''),
    async id() {
      const found = await bucket.head(WHAT, STORE_ID_FILE);
      if (!found) {
        const draft = Buffer.from(randomUUID());
        const sha256 = createHash('sha256').update(draft).digest('hex');
        await bucket.put(WHAT, STORE_ID_FILE, draft, { sha256, ifAbsent: true });
      }
      const parts: Uint8Array[] = [];
      for await (const part of bucket.get(WHAT, STORE_ID_FILE)) parts.push(part);
      return Buffer.concat(parts).toString();
    },
  };
}
