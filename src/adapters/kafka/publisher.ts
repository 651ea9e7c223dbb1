import { setTimeout } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { Digests } from '../../activities/log/digests.ts';
import type { Publication, RecordPublisher } from '../../activities/log/record-log.ts';
import type { KafkaSettings } from '../../config.ts';
import { contentHashOf } from '../../domain/log/content-hash.ts';
import { ReconciliationError } from '../../domain/errors.ts';
import { manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import { afterBatch, findInLane } from '../../domain/stream/lane.ts';
import { createMissingTopics, type KafkaAdmin } from './admin.ts';
import { createKafkaCall } from './errors.ts';
import { fetchLane, toLaneMarker } from './stream/lane.ts';
import { fetchMarker, toMarker } from './marker.ts';
import { createRecordLimits } from './topic-limit.ts';
import { inTransaction } from './transaction.ts';
import { createRecordWriter } from './writer.ts';

/**
 * A commit is acknowledged when the coordinator has it, but its offsets are visible only when their partition has it
 * too, which takes longer on a busy broker: a single look can miss a committed marker.
 */
const VISIBLE_WITHIN_MS = 10_000;
const VISIBLE_POLL_MS = 100;

interface Deps {
  readonly kafka: Kafka;
  readonly admin: KafkaAdmin;
  readonly settings: KafkaSettings;
  readonly digests: Digests;
}

export function createKafkaPublisher({ kafka, admin, settings, digests }: Deps): RecordPublisher {
  const kafkaCall = createKafkaCall(settings);
  const writeRecords = createRecordWriter({ admin, digests });
  const maxRecordBytes = createRecordLimits(admin);

  /**
   * The order matters: beginning the transaction ends every earlier attempt, and only then is the marker final.
   * A zombie that begins later finds the marker.
   */
  function publishOnce(publication: Publication) {
    const { names, batches, signal, laneBatch } = publication;
    return inTransaction(kafka, names.transactionalId, async (transaction) => {
      const { committed, markerOf } = await readMarker(publication);
      if (committed) {
        await transaction.abort();
        // An operator's retry may use another model than the attempt that committed.
        if (!laneBatch?.isRetry) requireSameContent(committed, batches);
        return { manifests: committed, alreadyPublished: true };
      }
      const manifests = await writeRecords(transaction, publication);
      await transaction.sendOffsets({
        consumerGroupId: names.markerGroup,
        topics: markerOf(manifests),
      });
      signal.throwIfAborted();
      await transaction.commit();
      return { manifests, alreadyPublished: false };
    });
  }

  /** `committed`: the manifests that an earlier attempt committed, if one did; `markerOf`: the marker to commit now. */
  async function readMarker({ names: { markerGroup }, batches, laneBatch }: Publication) {
    const topics = batches.map(({ topic }) => topic);
    if (!laneBatch) {
      const committed = await admin.ask((connection) => fetchMarker(connection, markerGroup, topics));
      return { committed, markerOf: toMarker };
    }
    const lane = await admin.ask((connection) => fetchLane(connection, markerGroup));
    const committed = findInLane(lane, laneBatch, topics);
    const markerOf = (manifests: readonly TopicManifest[]) =>
      toLaneMarker(afterBatch(lane, laneBatch, manifests));
    return { committed, markerOf };
  }

  /** A run that was reset after its file changed must not take the old records for the new ones. */
  function requireSameContent(committed: readonly TopicManifest[], batches: Publication['batches']): void {
    batches.forEach(({ topic, records }, i) => {
      const got = committed[i] && manifestTotals(committed[i]);
      const contentHash = contentHashOf(records.map((record) => digests.record(record)));
      if (got?.contentHash === contentHash) return;
      throw new ReconciliationError({
        what: 'this run has published other records under the same name',
        where: topic,
        expected: `${records.length} records with hash ${contentHash}`,
        got: `${got?.records ?? 0} records with hash ${got?.contentHash ?? 'none'}`,
        hint: 'The run was reset and its data or code has changed since; start a new run',
      });
    });
  }

  return {
    ensureTopics: (topics) =>
      kafkaCall('cannot create topics', topics.join(', '), () =>
        // Partitions and replicas: the broker's defaults, which its operator chose.
        createMissingTopics(
          admin,
          topics.map((topic) => ({ topic })),
        ),
      ),

    maxRecordBytes: (topic) =>
      kafkaCall('cannot read the configuration of', topic, () => maxRecordBytes(topic)),

    findPublished: ({ markerGroup }, topics) =>
      kafkaCall('cannot look up a publication', markerGroup, async () => {
        const deadline = Date.now() + VISIBLE_WITHIN_MS;
        for (;;) {
          const found = await admin.ask((connection) => fetchMarker(connection, markerGroup, topics));
          if (found !== undefined || Date.now() > deadline) return found;
          await setTimeout(VISIBLE_POLL_MS);
        }
      }),

    publishOnce: (publication) =>
      kafkaCall('cannot publish', publication.batches.map(({ topic }) => topic).join(', '), () =>
        publishOnce(publication),
      ),
  };
}
