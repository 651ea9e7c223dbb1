import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  deadLettersTopic,
  predictionsTopic,
  splitPublication,
  type PublishedSplit,
} from '../../domain/names.ts';
import type { TopicManifest } from '../../domain/log/offsets.ts';
import type { RatingNumbers } from '../../domain/dataset/rating-table.ts';
import { createRatingRecords } from '../../domain/log/rating-record.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import { ratingSchema, readRatingNumbers } from '../dataset/rating-rows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { RecordPublisher } from './record-log.ts';
import { registerRows, type SchemaRegistry } from './schema-registry.ts';

/** Are 8 MB, and 20 MB or so as JSON: a transaction of the publisher or two. */
const CHUNK_NUMBERS = 1_000_000;

type RecordOfRow = ReturnType<typeof createRatingRecords>;

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
      // First, because no broker is needed to find that the artifact has changed.
      const schema = await ratingSchema(tables, table);
      const schemaId = registerSchemas ? await registerRows(schemas, topic, schema, signal) : undefined;
      await publisher.ensureTopics([topic, predictionsTopic(topic), deadLettersTopic(topic)]);
      const { manifest } = await publisher.publishRows({
        names: splitPublication(run, split),
        topic,
        chunks: chunksOf(createRatingRecords(run, split, schema, schemaId), readRatingNumbers(tables, table)),
        signal,
        onProgress: report,
      });
      return manifest;
    });
  };
}

/** Of several batches, because each ends a transaction. */
async function* chunksOf(
  recordOf: RecordOfRow,
  batches: AsyncIterable<RatingNumbers>,
): AsyncGenerator<Iterable<OutgoingRecord>> {
  let chunk: RatingNumbers[] = [];
  let numbers = 0;
  for await (const rows of batches) {
    chunk.push(rows);
    numbers += rows.rowIds.length * (rows.columns.length + 1);
    if (numbers < CHUNK_NUMBERS) continue;
    yield recordsOf(recordOf, chunk);
    chunk = [];
    numbers = 0;
  }
  if (chunk.length > 0) yield recordsOf(recordOf, chunk);
}

function* recordsOf(recordOf: RecordOfRow, chunk: readonly RatingNumbers[]): Generator<OutgoingRecord> {
  for (const rows of chunk) {
    for (let row = 0; row < rows.rowIds.length; row += 1) yield recordOf(rows, row);
  }
}
