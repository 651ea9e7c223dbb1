import { createHash } from 'node:crypto';
import type { Digests } from '../activities/log/digests.ts';

export const nodeDigests: Digests = {
  sha256: (content) => createHash('sha256').update(content).digest('hex'),
  createSha256() {
    const hash = createHash('sha256');
    return { update: (content) => void hash.update(content), value: () => hash.digest('hex') };
  },
};
