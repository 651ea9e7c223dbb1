import { expect, test } from 'vitest';
import { createStreamJobs } from '../../../../src/activities/scoring/stream-jobs.ts';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import { createMemoryArtifacts } from '../../../support/unit/memory-artifacts.ts';

test.for(['', '../../etc/passwd', 'x', `${'a'.repeat(43)}/..`, 'ä'.repeat(43)])(
  'a job that is no reference is refused before any file is looked for: %j',
  async (job) => {
    const artifacts = createMemoryArtifacts();

    await expect(createStreamJobs(artifacts).load(job)).rejects.toThrow(InvalidInput);
    expect(artifacts.reads).toEqual([]);
  },
);
