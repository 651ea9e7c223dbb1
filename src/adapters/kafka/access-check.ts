import type { Kafka } from 'kafkajs';
import type { KafkaSettings } from '../../config.ts';
import { AccessError, InvalidInput, PipelineError } from '../../domain/errors.ts';
import { deadLettersTopic, predictionsTopic } from '../../domain/names.ts';
import { createKafka } from './client.ts';
import { createKafkaCall } from './errors.ts';
import { OWN_PREFIX } from './errors/permissions.ts';

/** Requests that kafkajs has, but no client of it sends alone. */
interface Broker {
  metadata(topics: readonly string[]): Promise<unknown>;
  heartbeat(request: object): Promise<unknown>;
  fetch(request: object): Promise<unknown>;
  addPartitionsToTxn(request: object): Promise<unknown>;
  createTopics(request: object): Promise<unknown>;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  findControllerBroker(): Promise<Broker>;
  findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<Broker>;
}

const COORDINATOR = { group: 0, transaction: 1 } as const;
/** There is no such group, member, transaction or producer. */
const NAME = `${OWN_PREFIX}-access-check`;
const ANY_PRODUCER = { producerId: '0', producerEpoch: 0 } as const;

type Question = (cluster: Cluster) => Promise<unknown>;

/**
 * Each asks for something that changes nothing: the broker looks at the permission first, and then finds that there is
 * no such member or transaction, or was asked only to validate.
 */
const QUESTIONS: readonly Question[] = [
  async (cluster) => {
    const coordinator = await cluster.findGroupCoordinator({
      groupId: NAME,
      coordinatorType: COORDINATOR.group,
    });
    return coordinator.heartbeat({ groupId: NAME, groupGenerationId: 0, memberId: NAME });
  },
  (cluster) => addToTransaction(cluster, []),
];

function questionsAbout(topic: string): readonly Question[] {
  return [
    async (cluster) => {
      const broker = await cluster.findControllerBroker();
      const exists = await broker.metadata([topic]).then(
        () => true,
        () => false,
      );
      return exists || broker.createTopics({ topics: [{ topic }], validateOnly: true });
    },
    async (cluster) => {
      const broker = await cluster.findControllerBroker();
      const topics = [{ topic, partitions: [{ partition: 0, fetchOffset: '0', maxBytes: 1 }] }];
      return broker.fetch({ topics, replicaId: -1, isolationLevel: 1, maxWaitTime: 1 });
    },
    (cluster) => addToTransaction(cluster, [{ topic, partitions: [0] }]),
  ];
}

async function addToTransaction(cluster: Cluster, topics: readonly object[]): Promise<unknown> {
  const transaction = { groupId: NAME, coordinatorType: COORDINATOR.transaction };
  const coordinator = await cluster.findGroupCoordinator(transaction);
  return coordinator.addPartitionsToTxn({ transactionalId: NAME, ...ANY_PRODUCER, topics });
}

/**
 * What a worker may not do, as far as that can be asked without doing it.
 *
 * @param topic undefined: only what needs no topic
 * @returns each missing permission, and a topic name that Kafka refuses
 * @throws BrokerError, AccessError when there is no connection or no login
 */
export async function checkAccess(
  settings: KafkaSettings,
  topic: string | undefined,
): Promise<readonly PipelineError[]> {
  const kafkaCall = createKafkaCall(settings);
  const cluster = createCluster(createKafka(settings, () => undefined));
  const missing = new Map<string | undefined, PipelineError>();
  try {
    await kafkaCall('cannot log in to Kafka', 'at the start', async () => {
      await cluster.connect();
      await cluster.refreshMetadata();
    });
    for (const ask of [...QUESTIONS, ...topicsOf(topic).flatMap(questionsAbout)]) {
      await kafkaCall('may not use Kafka', topic ?? 'any topic', () => ask(cluster)).catch(
        (error: unknown) => {
          if (error instanceof AccessError || error instanceof InvalidInput)
            missing.set(error.facts.expected, error);
        },
      );
    }
    return [...missing.values()];
  } finally {
    await cluster.disconnect();
  }
}

function topicsOf(topic: string | undefined): readonly string[] {
  return topic === undefined ? [] : [topic, predictionsTopic(topic), deadLettersTopic(topic)];
}

/** kafkajs keeps it behind a symbol: its clients ask for permissions only by doing things. */
function createCluster(kafka: Kafka): Cluster {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) =>
    description?.endsWith(':createCluster'),
  );
  const create = symbol && (kafka as unknown as Record<symbol, (options: object) => Cluster>)[symbol];
  if (!create) throw new TypeError('this version of kafkajs has no createCluster');
  return create({ allowAutoTopicCreation: false });
}
