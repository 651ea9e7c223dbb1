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
 * Writes one split to the topic as JSON, exactly once, in transactions of bounded size. A marker moves on with each: a
 * retry continues after the rows that are committed, and returns the recorded manifest if all are. The heartbeat says how
 * many rows are published.
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
      const { manifest } = await publisher.publishRows({
        names: splitPublication(run, split),
        topic,
        chunks: chunksOf(run, split, rows),
        signal,
        onProgress: report,
      });
      return manifest;
    });
  };
}

async function* chunksOf(run: string, split: PublishedSplit, rows: RatingTable) {
  yield recordsOf(run, split, rows);
}

function* recordsOf(run: string, split: PublishedSplit, rows: RatingTable) {
  for (let row = 0; row < rows.rowIds.length; row += 1) yield ratingRecord(run, split, rows, row);
}
