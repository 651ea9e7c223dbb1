import { createHash } from 'node:crypto';
import type { Digests } from '../activities/log/digests.ts';

/** Neither JSON nor our keys contain it, so ("a", "bc") and ("ab", "c") have different digests. */
const SEPARATOR = '\0';
const NO_BYTES = '';

export const nodeDigests: Digests = {
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  record: ({ key, value }) =>
    createHash('sha256')
      .update(key ?? NO_BYTES)
      .update(SEPARATOR)
      .update(value ?? NO_BYTES)
      .digest('hex'),
};
