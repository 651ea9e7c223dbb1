import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { loadProcessConfig } from '../../../src/config.ts';
import { startLocalServices } from '../../../src/dev/local-services.ts';
import { ensureSampleDataset } from '../../../src/dev/sample-dataset.ts';
import { BUCKET, startS3Mock } from '../../support/s3/s3-mock.ts';
import { writeBundle } from '../../support/worker/worker-code.ts';
import { hasVersitygw, startVersitygw } from '../../support/s3/versitygw.ts';

export interface ChaosServers {
  readonly client: Client;
  readonly kafka: Kafka;
  readonly taskQueue: string;
  readonly directory: string;
  /** The workflows, compiled once. */
  readonly bundleFile: string;
  /** Which object store this is, for the report. */
  readonly store: string;
  /** Of one worker: its directories are its own, so that workers share the object store alone. */
  envOf(worker: number): Promise<Readonly<Record<string, string>>>;
  close(): Promise<void>;
}

export async function startServers(directory: string, log: (line: string) => void): Promise<ChaosServers> {
  const { local } = loadProcessConfig();
  const [services, s3, bundleFile] = await Promise.all([
    startLocalServices({ ...local, stateDir: directory, anyPorts: true, onMessage: log }),
    hasVersitygw ? versitygw() : s3Mock(local.cacheDir, directory),
    writeBundle(join(directory, 'workflow-bundle.js')),
  ]);
  const taskQueue = 'chaos';
  const connection = await Connection.connect({ address: services.temporalAddress });
  return {
    client: new Client({ connection }),
    kafka: new Kafka({ brokers: [...services.kafkaBrokers], logLevel: logLevel.NOTHING }),
    taskQueue,
    directory,
    bundleFile,
    store: s3.name,
    async envOf(worker) {
      const own = join(directory, `worker-${worker}`);
      const [dataDir, tempDir] = [join(own, 'data'), join(own, 'tmp')];
      await mkdir(tempDir, { recursive: true });
      await ensureSampleDataset(dataDir);
      return {
        TEMPORAL_ADDRESS: services.temporalAddress,
        KAFKA_BROKERS: services.kafkaBrokers.join(','),
        TASK_QUEUE: taskQueue,
        DATA_DIR: dataDir,
        TMPDIR: tempDir,
        ARTIFACT_STORE: `s3://${BUCKET}/chaos`,
        S3_FORCE_PATH_STYLE: 'true',
        REPORT_PORT: 'off',
        // Workers of a machine share its cores.
        FOREST_THREADS: '1',
        LOG_LEVEL: 'info',
        ...s3.env,
      };
    },
    async close() {
      await connection.close();
      await Promise.all([services.stop(), s3.stop()]);
    },
  };
}

interface ObjectStore {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function versitygw(): Promise<ObjectStore> {
  const server = await startVersitygw();
  const { endpoint = '', credentials } = server.settings;
  const { accessKeyId = '', secretAccessKey = '' } = credentials ?? {};
  return { name: 'versitygw', env: envOf(endpoint, accessKeyId, secretAccessKey), stop: () => server.stop() };
}

async function s3Mock(cacheDir: string, stateDir: string): Promise<ObjectStore> {
  const server = await startS3Mock({ cacheDir, stateDir });
  return { name: 'S3Mock', env: envOf(server.url, 'any', 'any secret'), stop: () => server.stop() };
}

function envOf(url: string, key: string, secret: string) {
  return { AWS_ENDPOINT_URL_S3: url, AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret };
}
