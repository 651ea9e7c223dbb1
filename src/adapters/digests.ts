import { createHash } from 'node:crypto';
import type { Digests } from '../activities/log/digests.ts';

/** JSON does not contain it, so ("a", "bc") and ("ab", "c") have different digests. */
const SEPARATOR = '\0';
const NO_BYTES = '';

export const nodeDigests: Digests = {
  sha256: (content) => createHash('sha256').update(content).digest('hex'),
  createSha256() {
    const hash = createHash('sha256');
    return { update: (content) => void hash.update(content), value: () => hash.digest('hex') };
  },
  record: ({ key, value }) =>
    createHash('sha256')
      .update(key ?? NO_BYTES)
      .update(SEPARATOR)
      .update(value ?? NO_BYTES)
      .digest('hex'),
};
