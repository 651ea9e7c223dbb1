import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  deadLettersTopic,
  predictionsTopic,
  splitPublication,
  type PublishedSplit,
} from '../../domain/names.ts';
import type { TopicManifest } from '../../domain/log/offsets.ts';
import type { RatingNumbers } from '../../domain/dataset/rating-table.ts';
import {
  sizeOfPacked,
  unpackRecords,
  type PackedRecords,
  type RecordForm,
} from '../../domain/log/packed-records.ts';
import { ratingHeaders } from '../../domain/log/rating-record.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import { openRatingNumbers } from '../dataset/rating-rows.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { RecordPublisher } from './record-log.ts';
import type { RecordPacker } from './record-packer.ts';
import { registerRows, type SchemaRegistry } from './schema-registry.ts';

/** A little less than the publisher puts into a transaction. */
const CHUNK_BYTES = 12_000_000;
/** Batches, of some 3 MB each. */
const AHEAD = 4;

export interface PublishSplitInput {
  readonly run: string;
  readonly split: PublishedSplit;
  readonly table: ArtifactRef;
  readonly topic: string;
  /** Whether the values are framed with a schema that is registered first. */
  readonly registerSchemas?: boolean;
}

interface Deps {
  readonly packer: RecordPacker;
  readonly publisher: RecordPublisher;
  readonly tables: Tables;
  readonly schemas: SchemaRegistry | undefined;
}

/**
 * Writes one split to the topic as JSON, exactly once, in transactions of bounded size. A marker moves on with each: a
 * retry continues after the rows that are committed, and returns the recorded manifest if all are. The heartbeat says how
 * many rows are published.
 */
export function createPublishSplit({ packer, publisher, tables, schemas }: Deps) {
  return async function publishSplit({
    run,
    split,
    table,
    topic,
    registerSchemas = false,
  }: PublishSplitInput): Promise<TopicManifest> {
    return withHeartbeat(async (signal, report) => {
      // First, because no broker is needed to find that the artifact has changed.
      const { schema, rows, close } = await openRatingNumbers(tables, table);
      try {
        const schemaId = registerSchemas ? await registerRows(schemas, topic, schema, signal) : undefined;
        await publisher.ensureTopics([topic, predictionsTopic(topic), deadLettersTopic(topic)]);
        const { manifest } = await publisher.publishRows({
          names: splitPublication(run, split),
          topic,
          chunks: chunksOf(
            packAhead(packer, { run, split, schema, schemaId }, rows()),
            ratingHeaders(run, split),
          ),
          signal,
          onProgress: report,
        });
        return manifest;
      } finally {
        await close();
      }
    });
  };
}

/** Of several batches, because each ends a transaction. */
async function* chunksOf(
  batches: AsyncIterable<PackedRecords>,
  headers: OutgoingRecord['headers'],
): AsyncGenerator<Iterable<OutgoingRecord>> {
  let chunk: PackedRecords[] = [];
  let bytes = 0;
  for await (const packed of batches) {
    chunk.push(packed);
    bytes += sizeOfPacked(packed);
    if (bytes < CHUNK_BYTES) continue;
    yield recordsOf(chunk, headers);
    chunk = [];
    bytes = 0;
  }
  if (chunk.length > 0) yield recordsOf(chunk, headers);
}

function* recordsOf(chunk: readonly PackedRecords[], headers: OutgoingRecord['headers']) {
  for (const packed of chunk) yield* unpackRecords(packed, headers);
}

/** In their order; the next ones are packed while the caller has one. */
async function* packAhead(
  packer: RecordPacker,
  form: RecordForm,
  batches: AsyncIterable<RatingNumbers>,
): AsyncGenerator<PackedRecords> {
  const coming: Promise<PackedRecords>[] = [];
  for await (const rows of batches) {
    const packed = packer.pack(form, rows);
    // Its error is thrown where it is awaited.
    packed.catch(() => undefined);
    coming.push(packed);
    if (coming.length > AHEAD) yield await (coming.shift() as Promise<PackedRecords>);
  }
  for (const packed of coming) yield await packed;
}
