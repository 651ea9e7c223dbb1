import { registerPredictions, type SchemaRegistry } from '../log/schema-registry.ts';
import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface PrepareStreamInput extends Omit<StreamJob, 'predictionSchema'> {
  /** Whether the predictions are framed with a schema that is registered here: before anything is written. */
  readonly registerSchemas?: boolean;
}

interface Deps {
  readonly jobs: StreamJobs;
  readonly schemas: SchemaRegistry | undefined;
}

/** Stores the job that all micro-batches of a stream share. A retry stores the same. */
export function createPrepareStream({ jobs, schemas }: Deps) {
  return async function prepareStream(input: PrepareStreamInput): Promise<JobRef> {
    const { registerSchemas = false, ...job } = input;
    return withHeartbeat(async (signal) => {
      if (!registerSchemas) return jobs.store(job);
      return jobs.store({ ...job, predictionSchema: await registerPredictions(schemas, job.topic, signal) });
    });
  };
}
