import { LOOPBACK } from '../process/loopback-port.ts';

export interface BrokerPorts {
  readonly port: number;
  readonly controllerPort: number;
}

/** Relative to the working directory: a properties file is Latin-1, and the broker splits this value at commas. */
export const BROKER_DATA_DIR = 'kafka-data';

export type BrokerProperties = Readonly<Record<string, string | number | boolean>>;

/** One node, broker and controller, on loopback only, without replicas. */
export function brokerProperties({ port, controllerPort }: BrokerPorts): BrokerProperties {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    // Not in the formatted directory, so that the ports may differ at every start.
    'controller.quorum.voters': `1@${LOOPBACK}:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://${LOOPBACK}:${port},CONTROLLER://${LOOPBACK}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${LOOPBACK}:${port}`,
    'log.dirs': BROKER_DATA_DIR,
    'num.partitions': 3,
    // As on most production clusters: a misspelt topic is an error and not a new topic.
    'auto.create.topics.enable': false,
    // With the default, the first join of every group waits 3 s for more consumers.
    'group.initial.rebalance.delay.ms': 0,
    // After a SIGKILL, the controller refuses the broker until its old session has expired; the default is 9 s.
    'broker.session.timeout.ms': 3000,
    'broker.heartbeat.interval.ms': 500,
    'default.replication.factor': 1,
    'min.insync.replicas': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // The default of 50 partitions costs about a second when a coordinator is first used.
    'offsets.topic.num.partitions': 5,
    'transaction.state.log.num.partitions': 5,
  };
}

export function toPropertiesFile(properties: BrokerProperties): string {
  return Object.entries(properties)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}
