import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type {
  Publication,
  PublicationResult,
  RecordPublisher,
} from '../../../src/activities/log/record-log.ts';
import { BrokerError } from '../../../src/domain/errors.ts';
import type { TopicManifest } from '../../../src/domain/log/offsets.ts';
import { createSpreadTopic, keepMovingLeaders } from './leaders.ts';

const RETRY_MS = 100;
/** Only a publication that never succeeds reaches it. */
const MAX_ATTEMPTS = 500;

/** How many attempts failed before. */
export interface Retried {
  readonly failures: number;
}

/** Publishes as a worker does: an attempt that ends with BrokerError is repeated. */
export function publishWithRetries(
  { publisher }: { readonly publisher: RecordPublisher },
  publication: Publication,
): Promise<PublicationResult & Retried> {
  return withRetries(() => publisher.publishOnce(publication));
}

export async function withRetries<T>(publish: () => Promise<T>): Promise<T & Retried> {
  for (let failures = 0; ; failures += 1) {
    try {
      return { ...(await publish()), failures };
    } catch (error) {
      if (!(error instanceof BrokerError) || failures === MAX_ATTEMPTS) throw error;
      await sleep(RETRY_MS);
    }
  }
}

const PARTITIONS = 3;
const BATCH_RECORDS = 30;
/** As many batches at the same time as a stream has by default. */
const LANES = 4;
const MOVE_EVERY_MS = 350;

export interface MovingBatches {
  readonly manifests: readonly TopicManifest[];
  readonly keys: readonly string[];
  readonly failures: number;
  /** Of leaders, over all partitions. */
  readonly moves: number;
}

/** Publishes micro-batches as a stream does, while the leaders of all partitions keep moving. */
export async function publishWhileLeadersMove(
  log: { readonly publisher: RecordPublisher },
  admin: Admin,
  topic: string,
  batches: number,
): Promise<MovingBatches> {
  await createSpreadTopic(admin, topic, PARTITIONS);
  const moving = keepMovingLeaders(admin, topic, MOVE_EVERY_MS);
  const manifests: TopicManifest[] = [];
  const keys: string[] = [];
  let failures = 0;
  const publishLane = async (lane: number): Promise<void> => {
    for (let batch = lane; batch < batches; batch += LANES) {
      const records = Array.from({ length: BATCH_RECORDS }, (_, i) => ({
        key: `${batch}-${i}`,
        value: '{}',
        headers: [],
      }));
      const published = await publishWithRetries(log, {
        names: {
          transactionalId: `imdb/test/${topic}/${lane}`,
          markerGroup: `imdb-marker/test/${topic}/${batch}`,
        },
        batches: [{ topic, records }],
        signal: new AbortController().signal,
        onProgress: () => undefined,
      });
      failures += published.failures;
      manifests.push(...published.manifests);
      keys.push(...records.map(({ key }) => key));
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => publishLane(lane)));
  await moving.stop();
  return { manifests, keys, failures, moves: moving.moves() };
}
