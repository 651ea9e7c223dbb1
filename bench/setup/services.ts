import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { loadProcessConfig } from '../../src/config.ts';
import { startLocalServices } from '../../src/dev/local-services.ts';
import { progress } from '../suite/progress.ts';
import { startWorkers, type Workers } from './workers.ts';

/** A Temporal server and a broker of their own; workers and commands are processes. */
export interface Services {
  readonly brokers: string;
  readonly client: Client;
  readonly kafka: Kafka;
  /** The environment of a worker and of commands, but for the task queue. */
  readonly env: Readonly<Record<string, string>>;
  /** Kept until the end: the next call with the same number returns the same workers. */
  readonly workers: (processes: number) => Promise<Workers>;
  readonly stop: () => Promise<void>;
}

export async function startServices(directory: string): Promise<Services> {
  progress('starting Temporal and Kafka');
  const { cacheDir, temporalCliPath } = loadProcessConfig().local;
  const started = await startLocalServices({
    stateDir: join(directory, 'services'),
    cacheDir,
    temporalCliPath,
    onMessage: progress,
  });
  const brokers = started.kafkaBrokers.join(',');
  const dataDir = join(directory, 'data');
  mkdirSync(dataDir, { recursive: true });
  const env = {
    TEMPORAL_ADDRESS: started.temporalAddress,
    KAFKA_BROKERS: brokers,
    DATA_DIR: dataDir,
    ARTIFACT_STORE: join(directory, 'artifacts'),
    REPORT_PORT: 'off',
  };
  const connection = await Connection.connect({ address: started.temporalAddress });
  const groups = new Map<number, Promise<Workers>>();
  return {
    brokers,
    client: new Client({ connection }),
    kafka: new Kafka({ brokers: [...started.kafkaBrokers], logLevel: logLevel.NOTHING }),
    env,
    workers(processes) {
      const known = groups.get(processes) ?? startWorkers(processes, env, directory);
      groups.set(processes, known);
      return known;
    },
    async stop() {
      for (const group of groups.values()) await (await group).stop();
      await connection.close();
      await started.stop();
    },
  };
}
