import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  deadLettersTopic,
  predictionsTopic,
  splitPublication,
  type PublishedSplit,
} from '../../domain/names.ts';
import type { TopicManifest } from '../../domain/log/offsets.ts';
import type { RatingTable } from '../../domain/dataset/rating-table.ts';
import { ratingRecord } from '../../domain/log/record.ts';
import { readJson, type ArtifactStore } from '../artifact-store.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { RecordPublisher } from './record-log.ts';

export interface PublishSplitInput {
  readonly run: string;
  readonly split: PublishedSplit;
  readonly table: ArtifactRef;
  readonly topic: string;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly publisher: RecordPublisher;
}

/**
 * Writes one split to the topic as JSON, exactly once: a retry after a lost response finds the marker that was
 * committed with the records and returns the manifest it holds.
 */
export function createPublishSplit({ artifacts, publisher }: Deps) {
  return async function publishSplit({
    run,
    split,
    table,
    topic,
  }: PublishSplitInput): Promise<TopicManifest> {
    return withHeartbeat(async (signal, report) => {
      const rows = await readJson<RatingTable>(artifacts, table);
      await publisher.ensureTopics([topic, predictionsTopic(topic), deadLettersTopic(topic)]);
      const { manifests } = await publisher.publishOnce({
        names: splitPublication(run, split),
        batches: [
          { topic, records: rows.rowIds.map((_, position) => ratingRecord(run, split, rows, position)) },
        ],
        signal,
        onProgress: report,
      });
      return manifests[0] as TopicManifest;
    });
  };
}
