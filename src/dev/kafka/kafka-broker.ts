import { randomBytes } from 'node:crypto';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import {
  BROKER_DATA_DIR,
  brokerProperties,
  toPropertiesFile,
  type BrokerProperties,
} from './broker-properties.ts';
import { chooseLoopbackPort, LOOPBACK } from '../process/loopback-port.ts';
import { waitUntilReady } from '../process/readiness.ts';
import { startSupervised, type SupervisedProcess } from '../process/supervised-process.ts';

export interface KafkaBrokerOptions {
  /** The jars of `ensureKafkaDistribution`. */
  readonly libDir: string;
  /** Holds the topics and the log. A later start on it, also on another port, has all records again. */
  readonly stateDir: string;
  /** Fails if this port is in use. Default: 9092 if it is free, else any free port. */
  readonly port?: number | undefined;
}

export interface KafkaBroker extends SupervisedProcess {
  readonly address: string;
}

export const KAFKA_PORT = 9092;

/** A start takes 2.5 s, and a failed one is noticed by the exit: only a broker that hangs reaches this limit. */
const START_TIMEOUT_MS = 5 * 60_000;
const PROBE_TIMEOUT_MS = 10_000;

const PROPERTIES_FILE = 'kafka.properties';
const LOG4J_CONFIG = fileURLToPath(new URL('./log4j2.properties', import.meta.url));

const DEFAULT_HEAP_MB = 512;

/** For a broker that runs briefly, the optimizing compiler costs more than it saves. */
const JVM_FLAGS = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  `-Dlog4j2.configurationFile=${LOG4J_CONFIG}`,
];

/** One broker that is a cluster by itself. */
export async function startKafkaBroker({
  libDir,
  stateDir,
  port: wanted,
}: KafkaBrokerOptions): Promise<KafkaBroker> {
  const port = await chooseLoopbackPort('Kafka', { wanted, preferred: KAFKA_PORT });
  const controllerPort = await chooseLoopbackPort('Kafka controller');
  const address = `${LOOPBACK}:${port}`;
  const properties = brokerProperties({ port, controllerPort });
  return startKafkaNode({ libDir, stateDir, address, properties });
}

export interface KafkaNodeOptions extends Pick<KafkaBrokerOptions, 'libDir' | 'stateDir'> {
  /** Where the node answers clients. */
  readonly address: string;
  readonly properties: BrokerProperties;
  /** The same for all nodes of a cluster. Default: a new one. */
  readonly clusterId?: string;
  /** More arguments of `StorageTool format`. */
  readonly formatArgs?: readonly string[];
  readonly heapMb?: number;
}

/** One node of a cluster; resolves when a broker of the cluster is registered. */
export async function startKafkaNode({
  libDir,
  stateDir,
  address,
  properties,
  clusterId = newClusterId(),
  formatArgs = [],
  heapMb = DEFAULT_HEAP_MB,
}: KafkaNodeOptions): Promise<KafkaBroker> {
  const cwd = resolve(stateDir);
  const classPath = join(resolve(libDir), '*');
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, PROPERTIES_FILE), toPropertiesFile(properties));

  await formatOnce(classPath, cwd, ['-t', clusterId, ...formatArgs]);
  const archive = await prepareClassArchive(resolve(libDir), String(properties['node.id']));
  const jvmFlags = [`-Xmx${heapMb}m`, ...JVM_FLAGS, ...archive.jvmFlags];
  const server = await startSupervised({
    name: 'Kafka',
    command: 'java',
    args: [...jvmFlags, '-cp', classPath, 'kafka.Kafka', PROPERTIES_FILE],
    cwd,
    logFile: join(cwd, 'kafka.log'),
    pidFile: join(cwd, 'kafka.pid'),
    ...archive.stopTimeout,
  });
  await waitUntilReady('Kafka', server, () => probeKafka([address]), START_TIMEOUT_MS);
  const stop = async () => {
    await server.stop();
    await archive.keep();
  };
  return { ...server, address, stop };
}

export function newClusterId(): string {
  // An id that begins with a dash would be read as an option.
  return randomBytes(16).toString('base64url').replace(/^-/, 'A');
}

/** Rejects unless a broker answers and is registered, so that it can lead partitions. */
export async function probeKafka(brokers: readonly string[]): Promise<void> {
  // Takes a while to load: servers start meanwhile.
  const { Kafka, logLevel } = await import('kafkajs');
  const admin = new Kafka({
    brokers: [...brokers],
    connectionTimeout: PROBE_TIMEOUT_MS,
    requestTimeout: PROBE_TIMEOUT_MS,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  }).admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error('no broker is registered yet');
  } finally {
    await admin.disconnect();
  }
}

/** The broker checks at every start the identity that StorageTool writes, so a directory is formatted once. */
async function formatOnce(classPath: string, cwd: string, formatArgs: readonly string[]): Promise<void> {
  if (await exists(join(cwd, BROKER_DATA_DIR, 'meta.properties'))) return;
  const args = ['kafka.tools.StorageTool', 'format', '-c', PROPERTIES_FILE, ...formatArgs];
  await execa('java', [...JVM_FLAGS, '-cp', classPath, ...args], {
    cwd,
    stdin: 'ignore',
    timeout: START_TIMEOUT_MS,
  });
}

/** Writing takes 4 s on an idle machine. Where it was killed, every later broker would try again. */
const ARCHIVE_TIMEOUT_MS = 2 * 60_000;

/** Makes a JVM use an archive of loaded classes, or write it at exit. */
interface ClassArchive {
  readonly jvmFlags: readonly string[];
  readonly stopTimeout?: { readonly stopTimeoutMs: number };
  /** Keeps what the JVM wrote; call it when the JVM has ended by itself. */
  keep(): Promise<void>;
}

/**
 * With the archive, a broker starts in 1.5 s instead of 2.5 s. The first broker of a distribution writes it and takes
 * 4 s longer to stop. A JVM ignores an archive of another JVM, and an incomplete one.
 */
async function prepareClassArchive(libDir: string, nodeId: string): Promise<ClassArchive> {
  const archive = join(libDir, 'broker.jsa');
  const quiet = '-Xlog:cds=error,cds+dynamic=error';
  if (await exists(archive))
    return { jvmFlags: [quiet, `-XX:SharedArchiveFile=${archive}`], keep: async () => undefined };
  // The same name at every start: the next process overwrites what a killed one left.
  const draft = `${archive}.${nodeId}.draft`;
  return {
    jvmFlags: [quiet, `-XX:ArchiveClassesAtExit=${draft}`],
    stopTimeout: { stopTimeoutMs: ARCHIVE_TIMEOUT_MS },
    // There is no draft if the JVM was killed; the next JVM writes one.
    keep: () => rename(draft, archive).catch(() => undefined),
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
