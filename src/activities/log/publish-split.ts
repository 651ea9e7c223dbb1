import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  deadLettersTopic,
  predictionsTopic,
  splitPublication,
  type PublishedSplit,
} from '../../domain/names.ts';
import type { TopicManifest } from '../../domain/log/offsets.ts';
import type { RatingRows } from '../../domain/dataset/rating-table.ts';
import { createRatingRecords } from '../../domain/log/rating-record.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import { openRatingRows } from '../dataset/rating-rows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { RecordPublisher } from './record-log.ts';
import { registerRows, type SchemaRegistry } from './schema-registry.ts';

export interface PublishSplitInput {
  readonly run: string;
  readonly split: PublishedSplit;
  readonly table: ArtifactRef;
  readonly topic: string;
  /** Whether the values are framed with a schema that is registered first. */
  readonly registerSchemas?: boolean;
}

interface Deps {
  readonly publisher: RecordPublisher;
  readonly tables: Tables;
  readonly schemas: SchemaRegistry | undefined;
}

/**
 * Writes one split to the topic as JSON, exactly once, in transactions of bounded size. A marker moves on with each: a
 * retry continues after the rows that are committed, and returns the recorded manifest if all are. The heartbeat says how
 * many rows are published.
 */
export function createPublishSplit({ publisher, tables, schemas }: Deps) {
  return async function publishSplit({
    run,
    split,
    table,
    topic,
    registerSchemas = false,
  }: PublishSplitInput): Promise<TopicManifest> {
    return withHeartbeat(async (signal, report) => {
      const { schema, rows } = await openRatingRows(tables, table);
      const schemaId = registerSchemas ? await registerRows(schemas, topic, schema, signal) : undefined;
      await publisher.ensureTopics([topic, predictionsTopic(topic), deadLettersTopic(topic)]);
      const { manifest } = await publisher.publishRows({
        names: splitPublication(run, split),
        topic,
        chunks: chunksOf(createRatingRecords(run, split, schema, schemaId), rows),
        signal,
        onProgress: report,
      });
      return manifest;
    });
  };
}

async function* chunksOf(
  recordOf: ReturnType<typeof createRatingRecords>,
  rows: AsyncIterable<RatingRows>,
): AsyncGenerator<Iterable<OutgoingRecord>> {
  for await (const some of rows) yield recordsOf(recordOf, some);
}

function* recordsOf(
  recordOf: ReturnType<typeof createRatingRecords>,
  rows: RatingRows,
): Generator<OutgoingRecord> {
  for (let row = 0; row < rows.rowIds.length; row += 1) yield recordOf(rows, row);
}
