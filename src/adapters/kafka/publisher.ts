import { setTimeout } from 'node:timers/promises';
import type { Publication, RecordPublisher, RowPublication } from '../../activities/log/record-log.ts';
import type { KafkaSettings } from '../../config.ts';
import { createContentHash } from '../../domain/log/content-hash.ts';
import { manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import { requireSameRecords } from '../../domain/log/publication.ts';
import { afterBatch, findInLane } from '../../domain/stream/lane.ts';
import { createMissingTopics, type KafkaAdmin } from './admin.ts';
import { createKafkaCall } from './errors.ts';
import { fetchLane, toLaneMarker } from './stream/lane.ts';
import { fetchMarker, fetchProgress, toMarker } from './marker.ts';
import { publishRows, type RowAttempt } from './row-publisher.ts';
import { inSlices } from './slices.ts';
import { createRecordLimits } from './topic-limit.ts';
import type { Transactions } from './transaction.ts';
import { createRecordWriter, type RecordBuffer } from './writer.ts';

/**
 * A commit is acknowledged when the coordinator has it, but its offsets are visible only when their partition has it
 * too, which takes longer on a busy broker: a single look can miss a committed marker.
 */
const VISIBLE_WITHIN_MS = 10_000;
const VISIBLE_POLL_MS = 100;

interface Deps {
  readonly transactions: Transactions;
  readonly admin: KafkaAdmin;
  readonly settings: KafkaSettings;
}

export function createKafkaPublisher({ transactions, admin, settings }: Deps): RecordPublisher {
  const kafkaCall = createKafkaCall(settings);
  const writer = createRecordWriter({ admin });
  const maxRecordBytes = createRecordLimits(admin);

  /**
   * The order matters: beginning the transaction ends every earlier attempt, and only then is the marker final.
   * A zombie that begins later finds the marker.
   */
  function publishOnce(publication: Publication) {
    const { names, signal, laneBatch } = publication;
    return transactions.inTransaction(names.transactionalId, async (transaction) => {
      const { committed, markerOf } = await readMarker(publication);
      if (committed) {
        await transaction.abort();
        // An operator's retry may use another model than the attempt that committed.
        if (!laneBatch?.isRetry) await requireSameContent(committed, publication);
        return { manifests: committed, alreadyPublished: true };
      }
      const manifests = await writer.write(transaction, publication);
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
  async function requireSameContent(
    committed: readonly TopicManifest[],
    { batches, signal }: Publication,
  ): Promise<void> {
    for (const [i, { topic, records }] of batches.entries()) {
      const hash = createContentHash();
      let count = 0;
      await inSlices(records, signal, (record) => {
        hash.add(record);
        count += 1;
      });
      const found = committed[i] ?? { topic, partitions: [] };
      requireSameRecords(topic, manifestTotals(found), {
        records: count,
        contentHash: hash.value(),
      });
    }
  }

  function publishRowsOnce(publication: RowPublication) {
    const { topic, names, signal } = publication;
    return transactions.withProducer(names.transactionalId, async (transact) => {
      const createBuffer = await writer.open(topic);
      const attempt: RowAttempt<RecordBuffer> = {
        // This transaction writes nothing, so it is none to the broker.
        begin: () =>
          transact(() => admin.ask((connection) => fetchProgress(connection, names.markerGroup, topic))),
        createBuffer,
        commit: (rows, toProgress, onSent) =>
          transact(async (transaction) => {
            const progress = toProgress(await rows.send(transaction, onSent));
            await transaction.sendOffsets({
              consumerGroupId: names.markerGroup,
              topics: toMarker([progress.manifest], !progress.isComplete),
            });
            signal.throwIfAborted();
            await transaction.commit();
            return progress;
          }),
      };
      return publishRows(attempt, publication);
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

    publishRows: (publication) =>
      kafkaCall('cannot publish', publication.topic, () => publishRowsOnce(publication)),
  };
}
