import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  deadLettersTopic,
  lanePublication,
  microBatchPublication,
  predictionsTopic,
} from '../../domain/names.ts';
import type { OffsetRange, TopicManifest } from '../../domain/log/offsets.ts';
import { deadLetterRecord } from '../../domain/log/dead-letter.ts';
import { predictionRecord, type ScoredBatch } from '../../domain/log/prediction.ts';
import type { PublishPredictionsResult } from '../../domain/run/step-results.ts';
import type { JobRef } from '../../domain/stream/stream-job.ts';
import type { LaneClaim } from '../../domain/stream/workflow-inputs.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { RecordPublisher } from '../log/record-log.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface PublishPredictionsInput {
  readonly job: JobRef;
  readonly lane: number;
  readonly batch: number;
  /** A ScoredBatch. */
  readonly scored: ArtifactRef;
  /** Of a continuous stream. */
  readonly claim?: LaneClaim;
  /** The ranges that the batch was read from. */
  readonly ranges: readonly OffsetRange[];
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly publisher: RecordPublisher;
  readonly jobs: StreamJobs;
}

/**
 * Writes predictions, dead letters and the batch's completion marker in one transaction. A retry after a lost response,
 * or a worker that resumes late, finds the marker and writes nothing.
 */
export function createPublishPredictions({ artifacts, publisher, jobs }: Deps) {
  return async function publishPredictions({
    job,
    lane,
    batch,
    scored,
    claim,
    ranges,
  }: PublishPredictionsInput): Promise<PublishPredictionsResult> {
    return withHeartbeat(async (signal, onProgress) => {
      const { run } = await jobs.load(job);
      const { topic, predictions, deadLetters } = await readJson<ScoredBatch>(artifacts, scored);
      const { manifests } = await publisher.publishOnce({
        names: claim ? lanePublication(run, lane) : microBatchPublication(run, lane, batch),
        ...(claim && { laneBatch: { ...claim, batch, topic, ranges } }),
        batches: [
          {
            topic: predictionsTopic(topic),
            records: predictions.map((prediction) => predictionRecord(run, prediction)),
          },
          {
            topic: deadLettersTopic(topic),
            records: deadLetters.map((deadLetter) => deadLetterRecord(run, topic, deadLetter)),
          },
        ],
        signal,
        onProgress,
      });
      return { predictions: manifests[0] as TopicManifest, deadLetters: manifests[1] as TopicManifest };
    });
  };
}
