import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { loadConfig, loadProcessConfig } from '../../src/config.ts';
import { startLocalServices } from '../../src/dev/local-services.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker/worker-process.ts';

/** Servers, a client, and any number of workers; `close` ends all of them. */
export interface EnduranceEnvironment {
  readonly client: Client;
  readonly kafka: Kafka;
  readonly taskQueue: string;
  readonly dataDir: string;
  readonly startWorker: () => Promise<WorkerProcess>;
  readonly log: (line: string) => void;
  readonly close: () => Promise<void>;
}

export async function openEnvironment(
  directory: string,
  log: (line: string) => void,
): Promise<EnduranceEnvironment> {
  const { local } = loadProcessConfig();
  const services = await startLocalServices({ ...local, stateDir: directory, onMessage: log });
  const env = {
    TEMPORAL_ADDRESS: services.temporalAddress,
    KAFKA_BROKERS: services.kafkaBrokers.join(','),
    TASK_QUEUE: 'endurance',
    DATA_DIR: join(directory, 'data'),
    ARTIFACT_STORE: join(directory, 'artifacts'),
    REPORT_PORT: 'off',
  };
  await mkdir(env.DATA_DIR, { recursive: true });
  const { temporal } = loadConfig(env);
  const connection = await Connection.connect(temporal.connect.connectionOptions);
  const workers: WorkerProcess[] = [];
  return {
    client: new Client({ connection }),
    kafka: new Kafka({ brokers: [...services.kafkaBrokers], logLevel: logLevel.NOTHING }),
    taskQueue: env.TASK_QUEUE,
    dataDir: env.DATA_DIR,
    log,
    async startWorker() {
      const worker = await startWorkerProcess(env);
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map(({ kill }) => kill()));
      await connection.close();
      await services.stop();
    },
  };
}
