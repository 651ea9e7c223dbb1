import type { Kafka, Producer, ProducerConfig } from 'kafkajs';
import { loadInternal } from '../kafkajs/internals.ts';
import { METADATA_MAX_AGE_MS } from '../kafkajs/questions.ts';

/** What kafkajs 2.2.4 calls a cluster: the connections of one client, and what it knows of brokers and topics. */
export interface Connections {
  readonly targetTopics: Set<string>;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  markOffsetAsCommitted: () => void;
}

interface ClusterSettings {
  readonly allowAutoTopicCreation: boolean;
  readonly maxInFlightRequests: number;
  readonly metadataMaxAge: number;
}

type Settings = ProducerConfig & { readonly cluster: Connections; readonly logger: unknown };

interface IdleConnections {
  readonly connections: Connections;
  readonly closing: NodeJS.Timeout;
}

/** Firewalls and load balancers forget silent connections after a few minutes. */
const IDLE_CLOSE_MS = 60_000;

/**
 * Producers that borrow connections. kafkajs opens new ones for each, which takes a handshake of TCP, TLS and SASL with
 * every broker, and managed clusters limit how many a client may open. One producer has them at a time, and only those
 * whose producer has ended well are lent again, so no late request of one is taken for one of the next.
 */
export function createProducers(kafka: Kafka) {
  const createProducer = loadCreateProducer();
  const retry = ownOf(kafka, 'clusterRetry') as ProducerConfig['retry'];
  const common = { ...(retry && { retry }), logger: ownOf(kafka, 'logger') };
  const idle: IdleConnections[] = [];

  function borrow(): Connections {
    const last = idle.pop();
    if (!last) return open(kafka);
    clearTimeout(last.closing);
    return last.connections;
  }

  function giveBack(connections: Connections): void {
    // Of a topic that was deleted meanwhile, kafkajs would go on to ask, and fail.
    connections.targetTopics.clear();
    const closing = setTimeout(() => {
      idle.splice(idle.indexOf(entry), 1);
      void close(connections);
    }, IDLE_CLOSE_MS).unref();
    const entry: IdleConnections = { connections, closing };
    idle.push(entry);
  }

  return {
    /**
     * @param work is told how to keep other producers from these connections; after it has failed, none gets them
     */
    async withProducer<T>(
      config: ProducerConfig,
      work: (producer: Producer, discard: () => void) => Promise<T>,
    ): Promise<T> {
      const connections = borrow();
      const use = { hasFailed: false };
      const discard = (): void => {
        use.hasFailed = true;
      };
      try {
        const producer = createProducer({ ...config, ...common, cluster: connections });
        await producer.connect();
        return await work(producer, discard);
      } catch (error) {
        discard();
        throw error;
      } finally {
        if (use.hasFailed) await close(connections);
        else giveBack(connections);
      }
    },
    async close(): Promise<void> {
      await Promise.all(
        idle.splice(0).map(({ connections, closing }) => (clearTimeout(closing), close(connections))),
      );
    },
  };
}

async function close(connections: Connections): Promise<void> {
  await connections.disconnect().catch(() => undefined);
}

function open(kafka: Kafka): Connections {
  const create = ownOf(kafka, 'createCluster') as (settings: ClusterSettings) => Connections;
  const connections = create({
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
    metadataMaxAge: METADATA_MAX_AGE_MS,
  });
  // kafkajs remembers the offsets of every group for its consumers, without an end.
  connections.markOffsetAsCommitted = () => undefined;
  return connections;
}

function loadCreateProducer(): (settings: Settings) => Producer {
  return loadInternal('producer/index.js') as (settings: Settings) => Producer;
}

/** A property that kafkajs hides behind a symbol. */
function ownOf(kafka: Kafka, name: string): unknown {
  const symbol = Object.getOwnPropertySymbols(kafka).find(
    ({ description }) => description === `private:Kafka:${name}`,
  );
  if (symbol === undefined) throw new Error(`kafkajs has no ${name}: expected version 2.2.4`);
  return (kafka as unknown as Readonly<Record<symbol, unknown>>)[symbol];
}
