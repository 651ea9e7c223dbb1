import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import { pollUntil } from '../poll-until.ts';

const BROKERS = [1, 2, 3] as const;

/** The two of the three brokers that follow one: the first of them leads. */
function replicasOf(broker: number): number[] {
  return [0, 1].map((i) => BROKERS[(broker + i) % BROKERS.length] as number);
}

/** A topic whose partitions are led by brokers 1, 2, 3, 1, …, with a replica on the next. */
export async function createSpreadTopic(
  admin: Admin,
  topic: string,
  partitions: number,
  configEntries: readonly { readonly name: string; readonly value: string }[] = [],
): Promise<void> {
  const replicaAssignment = Array.from({ length: partitions }, (_, partition) => ({
    partition,
    replicas: replicasOf(partition),
  }));
  await admin.createTopics({
    topics: [{ topic, replicaAssignment, configEntries: [...configEntries] }],
    waitForLeaders: false,
  });
  await pollUntil(`the leaders of ${topic}`, async () => {
    const leaders = await leadersOf(admin, topic);
    return leaders.size === partitions && [...leaders.values()].every((leader) => leader > 0);
  });
}

/** By partition; without those that have none at the moment. */
export async function leadersOf(admin: Admin, topic: string): Promise<Map<number, number>> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => ({ topics: [] }));
  const partitions = topics.flatMap((found) => found.partitions);
  return new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]));
}

/** Resolves when other brokers have taken over the partitions of one that was killed. */
export async function untilLedByOthers(kafka: Kafka, topic: string, broker: number): Promise<void> {
  await pollUntil(`other leaders than broker ${broker}`, async () => {
    const admin = kafka.admin();
    try {
      await admin.connect();
      const leaders = [...(await leadersOf(admin, topic)).values()];
      return leaders.length > 0 && leaders.every((leader) => leader > 0 && leader !== broker);
    } catch {
      return false;
    } finally {
      await admin.disconnect();
    }
  });
}

/**
 * Makes the next broker the leader of each partition, by taking its replica away from the present one. A request that is
 * refused, because an earlier move is under way, is left out.
 */
async function requestMoves(admin: Admin, topic: string): Promise<Map<number, number>> {
  const leaders = await leadersOf(admin, topic);
  await reassign(admin, topic, leaders, replicasOf);
  return leaders;
}

async function reassign(
  admin: Admin,
  topic: string,
  leaders: ReadonlyMap<number, number>,
  replicasFor: (leader: number) => number[],
): Promise<void> {
  const partitionAssignment = [...leaders]
    .filter(([, leader]) => leader > 0)
    .map(([partition, leader]) => ({ partition, replicas: replicasFor(leader) }));
  await admin
    .alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] })
    .catch(() => undefined);
}

/** Resolves when every partition has another leader. @returns how many partitions that were */
export async function moveLeaders(admin: Admin, topic: string): Promise<number> {
  const replicas = await replicationOf(admin, topic);
  const before = await requestMoves(admin, topic);
  const after = await pollUntil(`other leaders of ${topic}`, async () => {
    const now = await leadersOf(admin, topic);
    const haveMoved = [...now].every(([partition, leader]) => leader > 0 && leader !== before.get(partition));
    return now.size === before.size && haveMoved && now;
  });
  // Back to as many replicas as before, so that the topic may lose a broker again.
  if (replicas > 2) await reassign(admin, topic, after, (leader) => [leader, ...replicasOf(leader)]);
  return after.size;
}

async function replicationOf(admin: Admin, topic: string): Promise<number> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions[0]?.replicas.length ?? 0;
}

export interface Moving {
  /** How many times a partition was seen with another leader. */
  readonly moves: () => number;
  readonly stop: () => Promise<void>;
}

/** Moves the leaders of a topic to the next brokers, again and again. */
export function keepMovingLeaders(admin: Admin, topic: string, everyMs: number): Moving {
  const stopping = new AbortController();
  let moves = 0;
  const moving = (async () => {
    let known = new Map<number, number>();
    while (!stopping.signal.aborted) {
      const leaders = await requestMoves(admin, topic);
      moves += [...leaders].filter(
        ([partition, leader]) => (known.get(partition) ?? leader) !== leader,
      ).length;
      if (leaders.size > 0) known = leaders;
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  })();
  return {
    moves: () => moves,
    async stop() {
      stopping.abort();
      await moving;
    },
  };
}
