import { loadInternal, once } from './internals.ts';

interface MetadataQuestion {
  readonly topics: readonly string[];
  readonly allowAutoTopicCreation?: boolean;
}

interface MetadataProtocol {
  protocol: (options: { readonly version: number }) => (question: MetadataQuestion) => {
    readonly request: { encode: () => Promise<unknown> };
  };
}

type Encoder = new () => { writeInt32(value: number): { writeBoolean(value: boolean): unknown } };

interface Broker {
  isConnected(): boolean;
  metadata(topics: readonly string[]): Promise<unknown>;
}

interface BrokerPool {
  readonly metadata: unknown;
  metadataMaxAge: number;
  getNodeIds(): readonly string[];
  findConnectedBroker(): Promise<Broker>;
  refreshMetadata(topics: readonly string[]): Promise<void>;
}

interface Cluster {
  readonly brokerPool: BrokerPool;
  retrier<T>(question: (bail: (error: unknown) => void) => Promise<T>): Promise<T>;
  metadata: (this: Cluster, question?: { readonly topics?: readonly string[] }) => Promise<unknown>;
  findGroupCoordinator: (this: Cluster, wanted: CoordinatorQuestion) => Promise<Broker>;
}

interface CoordinatorQuestion {
  readonly groupId: string;
  readonly coordinatorType?: number;
}

const TRANSACTION_COORDINATOR = 1;
/** kafkajs tries a refused request several times within longer than this, so it learns of a new coordinator. */
const COORDINATOR_MAX_AGE_MS = 1_000;

/** As for producers and consumers of kafkajs. */
export const METADATA_MAX_AGE_MS = 5 * 60_000;

/** Changes what kafkajs 2.2.4 asks the brokers beside its work: half of all requests of a small transaction. */
export const askLess = once(() => {
  const KafkaEncoder = loadInternal('protocol/encoder.js') as Encoder;
  const { prototype } = loadInternal('cluster/index.js') as { readonly prototype: Cluster };
  askForNamedTopicsOnly(
    loadInternal('protocol/requests/metadata/index.js') as MetadataProtocol,
    KafkaEncoder,
  );
  askForMetadataOnce(prototype);
  rememberCoordinators(prototype);
});

/**
 * kafkajs asks for all topics of the cluster whenever it has to name none: when a transaction begins, a group is joined,
 * or a topic is created. Its question fails when any partition of any topic has no leader, so the trouble of others would
 * stop us. After this, naming no topic asks for none: `listTopics` finds nothing.
 */
function askForNamedTopicsOnly(requests: MetadataProtocol, KafkaEncoder: Encoder): void {
  const { protocol } = requests;
  requests.protocol = ({ version }) => {
    const createMetadata = protocol({ version });
    // Every broker since Kafka 1.0 speaks version 4 or later.
    if (version < 4) return createMetadata;
    return (question) => {
      const metadata = createMetadata(question);
      if (question.topics.length > 0) return metadata;
      const { allowAutoTopicCreation = false } = question;
      metadata.request.encode = async () =>
        new KafkaEncoder().writeInt32(0).writeBoolean(allowAutoTopicCreation);
      return metadata;
    };
  };
}

/**
 * For `fetchTopicMetadata` of an admin, kafkajs asks twice. Before each `fetchTopicOffsets` it asks for all topics that
 * it was ever asked about, because it gives an admin no age for what it knows.
 */
function askForMetadataOnce(prototype: Cluster): void {
  prototype.metadata = async function ({ topics = [] } = {}) {
    const { brokerPool } = this;
    brokerPool.metadataMaxAge ||= METADATA_MAX_AGE_MS;
    return this.retrier(async (bail) => {
      try {
        if (brokerPool.getNodeIds().length > 0) {
          return await (await brokerPool.findConnectedBroker()).metadata(topics);
        }
        await brokerPool.refreshMetadata(topics);
        return brokerPool.metadata;
      } catch (error) {
        if ((error as { readonly type?: string }).type === 'LEADER_NOT_AVAILABLE') throw error;
        bail(error);
        return undefined;
      }
    });
  };
}

/** kafkajs asks who coordinates a transaction before each of its requests. */
function rememberCoordinators(prototype: Cluster): void {
  const known = new WeakMap<
    Cluster,
    { readonly id: string; readonly broker: Broker; readonly atMs: number }
  >();
  const find = prototype.findGroupCoordinator;
  prototype.findGroupCoordinator = async function (wanted) {
    if (wanted.coordinatorType !== TRANSACTION_COORDINATOR) return find.call(this, wanted);
    const found = known.get(this);
    const isKnown =
      found?.id === wanted.groupId &&
      found.broker.isConnected() &&
      performance.now() - found.atMs < COORDINATOR_MAX_AGE_MS;
    if (isKnown) return found.broker;
    const broker = await find.call(this, wanted);
    known.set(this, { id: wanted.groupId, broker, atMs: performance.now() });
    return broker;
  };
}
