import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import type { LocalSettings } from '../../../src/config.ts';
import { readLogTail } from '../../../src/dev/process/server-log.ts';
import { startOwnServers } from './servers.ts';
import type { Environment } from './environment.ts';

export interface OwnEnvironment {
  readonly environment: Environment;
  /** The last lines of the servers' logs. */
  readonly logTails: () => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Starts an environment with servers of its own. */
export async function openOwnEnvironment(
  local: LocalSettings,
  name: string,
  common: Pick<Environment, 'stateDir' | 'awaySeconds'> & {
    readonly bundleFile: string;
    readonly dataDir: string;
  },
): Promise<OwnEnvironment> {
  const { dataDir, ...shared } = common;
  const servers = await startOwnServers(local, join(shared.stateDir, name));
  const { kafka, temporal } = servers;
  const connection = await Connection.connect({ address: temporal.address });
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    KAFKA_BROKERS: kafka.addresses.join(','),
    DATA_DIR: dataDir,
  };
  return {
    environment: {
      client: new Client({ connection }),
      kafka: kafka.kafka,
      env,
      name,
      servers,
      ...shared,
    },
    async logTails() {
      const files = [...kafka.logFiles(), temporal.logFile()];
      return (await Promise.all(files.map(async (file) => `== ${file}\n${await readLogTail(file)}`))).join(
        '\n',
      );
    },
    async close() {
      await connection.close();
      await Promise.all([kafka.stop(), temporal.stop()]);
    },
  };
}
