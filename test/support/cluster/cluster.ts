import { join } from 'node:path';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { brokerProperties, type BrokerProperties } from '../../../src/dev/kafka/broker-properties.ts';
import { newClusterId, startKafkaNode, type KafkaBroker } from '../../../src/dev/kafka/kafka-broker.ts';
import { chooseLoopbackPort, LOOPBACK } from '../../../src/dev/process/loopback-port.ts';
import { pollUntil } from '../poll-until.ts';
import { createTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export interface ClusterOptions {
  /** The jars of `ensureKafkaDistribution`. */
  readonly libDir: string;
  /** Holds a directory for each broker. */
  readonly directory: string;
  readonly brokers?: number;
  /** Beside those of clients, brokers and controllers: each broker gets a port for each, advertised as localhost. */
  readonly listeners?: readonly { readonly name: string; readonly protocol: string }[];
  readonly properties?: BrokerProperties;
  /** More arguments of `StorageTool format`. */
  readonly formatArgs?: readonly string[];
}

export interface ClusterBroker {
  readonly id: number;
  /** Of the listener for clients: its proxy's. */
  readonly address: string;
  /** Before the listener for clients. */
  readonly proxy: TcpProxy;
  /** Of another listener, by its name. */
  readonly addressOf: (listener: string) => string;
  /** On the same ports and files; resolves when the broker is registered. */
  readonly start: () => Promise<void>;
  /** In order: partitions get other leaders first. */
  readonly stop: () => Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  readonly kill: () => Promise<void>;
  /** SIGSTOP. */
  readonly pause: () => void;
  /** SIGCONT. */
  readonly resume: () => void;
}

export interface Cluster {
  readonly brokers: readonly ClusterBroker[];
  readonly addresses: readonly string[];
  /** An ordinary client. */
  readonly kafka: Kafka;
  /** Undoes what a test has done: removes rules, starts and resumes brokers; resolves when all replicas are in sync. */
  readonly heal: () => Promise<void>;
  /** Of the brokers' present or last processes. */
  readonly logFiles: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/** Three nodes leave memory for the other servers of a test run. */
const HEAP_MB = 300;

interface Node {
  readonly id: number;
  /** By listener. */
  readonly ports: Readonly<Record<string, number>>;
  readonly proxyPort: number;
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { libDir, directory, brokers: count = 3, listeners = [], formatArgs = [] } = options;
  const nodes: Node[] = [];
  for (let id = 1; id <= count; id += 1) {
    const names = ['PLAINTEXT', 'INTERNAL', 'CONTROLLER', ...listeners.map(({ name }) => name)];
    const ports: Record<string, number> = {};
    for (const name of names) ports[name] = await chooseLoopbackPort(`Kafka ${name}`);
    nodes.push({ id, ports, proxyPort: await chooseLoopbackPort('proxy') });
  }
  const addresses = nodes.map(({ proxyPort }) => `${LOOPBACK}:${proxyPort}`);
  const kafka = new Kafka({ brokers: addresses, logLevel: logLevel.NOTHING });
  const clusterId = newClusterId();
  const stateDirOf = (id: number) => join(directory, `broker-${id}`);

  const brokers = await Promise.all(
    nodes.map((node) =>
      createBroker(kafka, node, () =>
        startKafkaNode({
          libDir,
          clusterId,
          formatArgs,
          stateDir: stateDirOf(node.id),
          address: `${LOOPBACK}:${node.proxyPort}`,
          properties: { ...nodeProperties(node, nodes, options), ...options.properties },
          heapMb: HEAP_MB,
        }),
      ),
    ),
  );
  return {
    brokers,
    addresses,
    kafka,
    async heal() {
      for (const { proxy, resume } of brokers) {
        proxy.calm();
        resume();
      }
      await Promise.all(brokers.map((broker) => broker.start()));
      await untilInSync(kafka);
    },
    logFiles: () => nodes.map(({ id }) => join(stateDirOf(id), 'kafka.log')),
    async stop() {
      await Promise.all(brokers.map((broker) => broker.stop()));
    },
  };
}

function nodeProperties(
  { id, ports, proxyPort }: Node,
  nodes: readonly Node[],
  { listeners = [] }: ClusterOptions,
): BrokerProperties {
  const { PLAINTEXT = 0, INTERNAL, CONTROLLER = 0 } = ports;
  const replicas = Math.min(3, nodes.length);
  const inSync = Math.min(2, nodes.length);
  return {
    ...brokerProperties({ port: PLAINTEXT, controllerPort: CONTROLLER }),
    'node.id': id,
    'controller.quorum.voters': nodes
      .map((node) => `${node.id}@${LOOPBACK}:${node.ports['CONTROLLER'] ?? 0}`)
      .join(','),
    'inter.broker.listener.name': 'INTERNAL',
    'listener.security.protocol.map': [
      'PLAINTEXT:PLAINTEXT',
      'INTERNAL:PLAINTEXT',
      'CONTROLLER:PLAINTEXT',
      ...listeners.map(({ name, protocol }) => `${name}:${protocol}`),
    ].join(','),
    listeners: Object.entries(ports)
      .map(([name, port]) => `${name}://${LOOPBACK}:${port}`)
      .join(','),
    'advertised.listeners': [
      `PLAINTEXT://${LOOPBACK}:${proxyPort}`,
      `INTERNAL://${LOOPBACK}:${INTERNAL ?? 0}`,
      ...listeners.map(({ name }) => `${name}://localhost:${ports[name] ?? 0}`),
    ].join(','),
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    // Leaders move when a test moves them.
    'auto.leader.rebalance.enable': false,
  };
}

async function createBroker(
  kafka: Kafka,
  { id, ports, proxyPort }: Node,
  startProcess: () => Promise<KafkaBroker>,
): Promise<ClusterBroker> {
  const proxy = createTcpProxy(proxyPort, ports['PLAINTEXT'] ?? 0);
  let running: KafkaBroker | undefined;

  async function start(): Promise<void> {
    if (running) return;
    await proxy.open();
    running = await startProcess();
    await pollUntil(`broker ${id} to be registered`, async () => {
      const seen = await askOnce(kafka, (admin) => admin.describeCluster()).catch(() => undefined);
      return seen?.brokers.some(({ nodeId }) => nodeId === id);
    });
  }

  await start();
  return {
    id,
    address: `${LOOPBACK}:${proxyPort}`,
    proxy,
    addressOf: (listener) => `localhost:${ports[listener] ?? 0}`,
    start,
    async stop() {
      await running?.stop();
      running = undefined;
      await proxy.close();
    },
    async kill() {
      if (!running) return;
      process.kill(running.pid, 'SIGKILL');
      await running.exited;
      running = undefined;
      await proxy.close();
    },
    pause() {
      if (running) process.kill(running.pid, 'SIGSTOP');
    },
    resume() {
      if (running) process.kill(running.pid, 'SIGCONT');
    },
  };
}

/** Of the topics without which nothing is committed; tests have topics of their own. */
async function untilInSync(kafka: Kafka): Promise<void> {
  for (const topic of ['__consumer_offsets', '__transaction_state']) {
    await pollUntil(`the replicas of ${topic} to be in sync`, async () => {
      const found = await askOnce(kafka, (admin) => admin.fetchTopicMetadata({ topics: [topic] })).catch(
        (error: unknown) => isUnknownTopic(error) && { topics: [] },
      );
      return (
        found &&
        found.topics.every(({ partitions }) =>
          partitions.every(({ isr, replicas }) => isr.length === replicas.length),
        )
      );
    });
  }
}

function isUnknownTopic(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/** On a connection of its own, whose view of the cluster is new. */
async function askOnce<T>(kafka: Kafka, question: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await question(admin);
  } finally {
    await admin.disconnect();
  }
}
