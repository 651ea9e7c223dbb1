import { randomBytes } from 'node:crypto';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { Kafka, logLevel } from 'kafkajs';
import { BROKER_DATA_DIR, brokerProperties } from './broker-properties.ts';
import { prepareClassArchive } from './class-archive.ts';
import { chooseLoopbackPort, LOOPBACK } from '../process/loopback-port.ts';
import { waitUntilReady } from '../process/readiness.ts';
import { startSupervised, type SupervisedProcess } from '../process/supervised-process.ts';

export interface KafkaBrokerOptions {
  /** The jars of `ensureKafkaDistribution`. */
  readonly libDir: string;
  /** Holds the topics and the log; a later start on the same directory, on any port, finds all records again. */
  readonly stateDir: string;
  /** Insisted on; without it 9092 if free, else any free port. */
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

/** The optimizing compiler costs more during a short life than it saves. */
const JVM_FLAGS = [
  '-Xmx512m',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  `-Dlog4j2.configurationFile=${LOG4J_CONFIG}`,
];

export async function startKafkaBroker({
  libDir,
  stateDir,
  port: wanted,
}: KafkaBrokerOptions): Promise<KafkaBroker> {
  const cwd = resolve(stateDir);
  const classPath = join(resolve(libDir), '*');
  await mkdir(cwd, { recursive: true });
  const port = await chooseLoopbackPort('Kafka', { wanted, preferred: KAFKA_PORT });
  const controllerPort = await chooseLoopbackPort('Kafka controller');
  await writeFile(join(cwd, PROPERTIES_FILE), brokerProperties({ port, controllerPort }));

  await formatOnce(classPath, cwd);
  const archive = await prepareClassArchive(resolve(libDir));
  const server = await startSupervised({
    name: 'Kafka',
    command: 'java',
    args: [...JVM_FLAGS, ...archive.jvmFlags, '-cp', classPath, 'kafka.Kafka', PROPERTIES_FILE],
    cwd,
    logFile: join(cwd, 'kafka.log'),
    pidFile: join(cwd, 'kafka.pid'),
  });
  const address = `${LOOPBACK}:${port}`;
  await waitUntilReady('Kafka', server, () => probeKafka([address]), START_TIMEOUT_MS);
  const stop = async () => {
    await server.stop();
    await archive.keep();
  };
  return { ...server, address, stop };
}

/** Rejects unless a broker answers and is registered, that is, can lead partitions. */
export async function probeKafka(brokers: readonly string[]): Promise<void> {
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

/** The identity that StorageTool writes is checked at every start, so it is written once per directory. */
async function formatOnce(classPath: string, cwd: string): Promise<void> {
  const isFormatted = await access(join(cwd, BROKER_DATA_DIR, 'meta.properties')).then(
    () => true,
    () => false,
  );
  if (isFormatted) return;
  // One that begins with a dash would be taken for an option.
  const clusterId = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const args = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', PROPERTIES_FILE];
  await execa('java', [...JVM_FLAGS, '-cp', classPath, ...args], {
    cwd,
    stdin: 'ignore',
    timeout: START_TIMEOUT_MS,
  });
}
