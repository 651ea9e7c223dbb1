import { KAFKA_PORT, startKafkaBroker } from './kafka/kafka-broker.ts';
import { ensureKafkaDistribution, KAFKA_VERSION } from './kafka/kafka-distribution.ts';
import { describeExit } from './process/readiness.ts';
import { readLogTail } from './process/server-log.ts';
import { findTemporalBinary } from './temporal/temporal-binary.ts';
import { startTemporalServer, TEMPORAL_PORT, TEMPORAL_UI_PORT } from './temporal/temporal-server.ts';
import type { SupervisedProcess } from './process/supervised-process.ts';

export interface ServiceStartOptions {
  readonly temporalAddress?: string | undefined;
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly temporalCliPath?: string | undefined;
  readonly stateDir: string;
  readonly cacheDir: string;
  readonly fixedPorts: boolean;
  readonly onMessage: (line: string) => void;
}

export async function startTemporal({
  temporalAddress,
  temporalCliPath,
  cacheDir,
  stateDir,
  fixedPorts,
  onMessage,
}: ServiceStartOptions) {
  if (temporalAddress !== undefined) return { addresses: { temporalAddress, temporalUiUrl: undefined } };
  const binary = await findTemporalBinary({
    cliPath: temporalCliPath,
    cacheDir,
    onDownload: () => {
      onMessage('Downloading the Temporal CLI (44 MB, once)');
    },
  });
  const ports = fixedPorts ? { port: TEMPORAL_PORT, uiPort: TEMPORAL_UI_PORT } : {};
  const server = await startTemporalServer({ binary: binary.path, stateDir, ...ports });
  reportUnexpectedEnd('Temporal', server, onMessage);
  onMessage(`Temporal ${binary.version} (${binary.source}) at ${server.address}, UI ${server.uiUrl}`);
  return { server, addresses: { temporalAddress: server.address, temporalUiUrl: server.uiUrl } };
}

export async function startKafka({
  kafkaBrokers,
  cacheDir,
  stateDir,
  fixedPorts,
  onMessage,
}: ServiceStartOptions) {
  if (kafkaBrokers !== undefined) return { addresses: { kafkaBrokers } };
  const libDir = await ensureKafkaDistribution(cacheDir, () => {
    onMessage(`Downloading Apache Kafka ${KAFKA_VERSION} (44 MB, once)`);
  });
  const server = await startKafkaBroker({ libDir, stateDir, ...(fixedPorts ? { port: KAFKA_PORT } : {}) });
  reportUnexpectedEnd('Kafka', server, onMessage);
  onMessage(`Apache Kafka ${KAFKA_VERSION} at ${server.address}`);
  return { server, addresses: { kafkaBrokers: [server.address] } };
}

function reportUnexpectedEnd(
  name: string,
  server: SupervisedProcess,
  onMessage: (line: string) => void,
): void {
  void server.exited.then(async (exit) => {
    if (exit.stopped) return;
    const tail = await readLogTail(server.logFile).catch(() => '');
    onMessage(
      `${name} (process ${server.pid}) is gone: ${describeExit(exit)}. The end of ${server.logFile}:\n${tail}`,
    );
  });
}
