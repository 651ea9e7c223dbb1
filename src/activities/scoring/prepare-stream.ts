import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { StreamJobs } from './stream-jobs.ts';

/** Stores the job that all micro-batches of a stream share. A retry stores the same. */
export function createPrepareStream({ jobs }: { readonly jobs: StreamJobs }) {
  return async function prepareStream(job: StreamJob): Promise<JobRef> {
    return withHeartbeat(() => jobs.store(job));
  };
}
