import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import { readJson, writeJson, type ArtifactStore } from '../artifact-store.ts';

/** A folder of its own, named by content: equal jobs are one file. */
const PLACE = { run: 'stream-jobs', name: 'job', extension: '.json' } as const;

export interface StreamJobs {
  /** @throws ArtifactStoreError */
  store(job: StreamJob): Promise<JobRef>;
  /** @throws ArtifactStoreError, ArtifactCorrupt */
  load(job: JobRef): Promise<StreamJob>;
}

/** A worker reads each job once; there is one for each stream. */
export function createStreamJobs(artifacts: ArtifactStore): StreamJobs {
  const known = new Map<string, Promise<StreamJob>>();
  return {
    async store(job) {
      const { sha256 } = await writeJson(artifacts, PLACE.run, PLACE.name, 1, job);
      return toId(sha256);
    },
    async load(job) {
      const sha256 = toSha256(job);
      const loading =
        known.get(job) ??
        readJson<StreamJob>(artifacts, {
          sha256,
          bytes: 0,
          rows: 1,
          uri: artifacts.locate({ ...PLACE, sha256 }),
        });
      known.set(job, loading);
      loading.catch(() => known.delete(job));
      return loading;
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
