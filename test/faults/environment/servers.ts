import { join } from 'node:path';
import getPort from 'get-port';
import type { LocalSettings } from '../../../src/config.ts';
import { ensureKafkaDistribution } from '../../../src/dev/kafka/kafka-distribution.ts';
import { findTemporalBinary } from '../../../src/dev/temporal/temporal-binary.ts';
import { probeTemporal, startTemporalServer } from '../../../src/dev/temporal/temporal-server.ts';
import type { SupervisedProcess, ProcessExit } from '../../../src/dev/process/supervised-process.ts';
import { startCluster, type Cluster } from '../../support/cluster/cluster.ts';

/** A server that the suite may kill and restart. */
export interface OwnServer {
  readonly address: string;
  /** SIGKILL; resolves when the process is gone. */
  readonly kill: () => Promise<ProcessExit>;
  /** On the same files and ports. */
  readonly restart: () => Promise<void>;
  /** Rejects while no client can connect. */
  readonly probe: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly logFile: () => string;
}

export interface OwnServers {
  readonly kafka: Cluster;
  /** Absent where Temporal is shared: then no fault takes it away. */
  readonly temporal?: OwnServer;
}

/** Three brokers, and Temporal. On free ports, because the usual ones belong to the servers of `imdb services`. */
export async function startOwnServers(
  { cacheDir, temporalCliPath }: LocalSettings,
  stateDir: string,
): Promise<Required<OwnServers>> {
  const [libDir, binary] = await Promise.all([
    ensureKafkaDistribution(cacheDir, () => undefined),
    findTemporalBinary({ cacheDir, cliPath: temporalCliPath }),
  ]);
  const [port, uiPort] = [await getPort(), await getPort()];
  const [kafka, temporal] = await Promise.all([
    startCluster({ libDir, directory: join(stateDir, 'kafka') }),
    createOwnServer(
      () => startTemporalServer({ binary: binary.path, stateDir: join(stateDir, 'temporal'), port, uiPort }),
      probeTemporal,
    ),
  ]);
  return { kafka, temporal };
}

async function createOwnServer(
  start: () => Promise<SupervisedProcess & { readonly address: string }>,
  probe: (address: string) => Promise<void>,
): Promise<OwnServer> {
  let current = await start();
  return {
    address: current.address,
    async kill() {
      process.kill(current.pid, 'SIGKILL');
      return current.exited;
    },
    async restart() {
      current = await start();
    },
    probe: () => probe(current.address),
    stop: () => current.stop(),
    logFile: () => current.logFile,
  };
}
