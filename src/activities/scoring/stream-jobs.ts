import { LRUCache } from 'lru-cache';
import { InvalidInput } from '../../domain/errors.ts';
import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';

/** A folder of its own, named by content: equal jobs are one file. */
const PLACE = { run: 'stream-jobs', name: 'job', extension: '.json' } as const;

/** A job holds names, a reference and options. */
const MAX_JOB_BYTES = 100_000;
/** 32 bytes in base64url. */
const JOB_REF = /^[\w-]{43}$/;

export interface StreamJobs {
  /** @throws ArtifactStoreError */
  store(job: StreamJob): Promise<JobRef>;
  /** @throws InvalidInput, ArtifactStoreError, ArtifactCorrupt */
  load(job: JobRef): Promise<StreamJob>;
}

/** More than the streams that a worker scores at the same time. */
const CACHED_JOBS = 100;

/** A worker reads a job once for all its micro-batches. */
export function createStreamJobs(artifacts: ArtifactStore): StreamJobs {
  const cache = new LRUCache<string, StreamJob>({
    max: CACHED_JOBS,
    // Callers still wait for a job that is evicted while it loads.
    ignoreFetchAbort: true,
    fetchMethod(id) {
      const sha256 = toSha256(id);
      const uri = artifacts.locate({ ...PLACE, sha256 });
      return readJson<StreamJob>(artifacts, { uri, sha256, bytes: MAX_JOB_BYTES, rows: 1 });
    },
  });
  return {
    async store(job) {
      const { sha256 } = await writeJson(artifacts, PLACE.run, PLACE.name, 1, job);
      return toId(sha256);
    },
    async load(job) {
      // An operator can start a micro-batch by hand.
      if (!JOB_REF.test(job))
        throw new InvalidInput({ what: 'job is no reference', expected: '43 characters' });
      return cache.forceFetch(job);
    },
  };
}

function toId(sha256: string): string {
  const bytes = (sha256.match(/../g) ?? []).map((hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return btoa(bytes.join('')).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function toSha256(id: string): string {
  const bytes = atob(id.replaceAll('-', '+').replaceAll('_', '/'));
  return Array.from(bytes, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}
