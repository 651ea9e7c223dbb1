import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { Kafka, logLevel } from 'kafkajs';
import { inject, test as base } from 'vitest';
import { createLogger } from '../../src/adapters/logger.ts';
import { loadConfig, type Config } from '../../src/config.ts';
import { ensureSampleDataset } from '../../src/dev/sample-dataset.ts';
import { newS3 } from './s3/s3.ts';
import { openStoredFiles, type StoredFiles } from './store/stored-files.ts';
import { startWorker } from './worker/start-worker.ts';

/** `quality` of a run of fewer rows than the default allows. */
export const FEW_ROWS = { minRows: 1 } as const;

/** The whole suite also passes with artifacts in an object store. */
export const IS_STORE_ON_S3 = process.env['IMDB_TEST_STORE'] === 's3';

/** A task queue, topic and directories that no other test file uses, on the shared servers. */
export interface TestEnvironment {
  readonly config: Config;
  /** What a process of this environment needs in its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly client: Client;
  readonly kafka: Kafka;
  /** A topic name that is new at every call. */
  readonly newTopic: () => string;
  /** A workflow id that is new at every call. */
  readonly newId: () => string;
  /** What is in ARTIFACT_STORE: a directory, or or a bucket. */
  readonly files: StoredFiles;
  readonly writeCsv: (name: string, text: string) => Promise<void>;
}

/**
 * @param kafkaBrokers where the test itself connects, as in `KAFKA_BROKERS`
 * @param kafkaEnv how workers and commands reach them
 */
export async function createEnvironment(
  kafkaBrokers: string,
  onCleanup: (cleanup: () => Promise<void>) => void,
  kafkaEnv: Readonly<Record<string, string>> = { KAFKA_BROKERS: kafkaBrokers },
): Promise<TestEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), 'imdb-test-'));
  const suffix = randomUUID().slice(0, 8);
  const env = {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_UI_URL: inject('temporalUiUrl'),
    ...kafkaEnv,
    TASK_QUEUE: `test-${suffix}`,
    DATA_DIR: join(directory, 'data'),
    ARTIFACT_STORE: join(directory, 'artifacts'),
    REPORT_PORT: 'off',
    ...(IS_STORE_ON_S3 && (await newS3()).env),
    // Tests stop workers that wait for what never comes.
    WORKER_GRACE_SECONDS: '2',
  };
  await ensureSampleDataset(env.DATA_DIR);
  const config = loadConfig(env);
  const connection = await Connection.connect(config.temporal.connect.connectionOptions);
  onCleanup(async () => {
    await connection.close();
    await rm(directory, { recursive: true, force: true });
  });
  const kafka = new Kafka({ brokers: kafkaBrokers.split(','), logLevel: logLevel.NOTHING });
  let topics = 0;
  let ids = 0;
  return {
    config,
    env,
    client: new Client({ connection }),
    kafka,
    newTopic: () => `a1-${suffix}-${(topics += 1)}`,
    newId: () => `test-${suffix}-${(ids += 1)}`,
    files: openStoredFiles(config.artifacts, config.s3),
    writeCsv: (name, text) => writeFile(join(env.DATA_DIR, name), text),
  };
}

export const test = base
  .extend('environment', { scope: 'file' }, async ({}, { onCleanup }) =>
    createEnvironment(inject('kafkaBrokers'), onCleanup, inject('kafkaEnv')),
  )
  .extend('worker', { scope: 'file' }, async ({ environment }, { onCleanup }) => {
    const file = join(environment.env['DATA_DIR'] ?? '', '..', 'worker.log');
    const worker = await startWorker(environment.config, createLogger({ level: 'info', file }));
    onCleanup(() => worker.shutdown());
    return worker;
  });
