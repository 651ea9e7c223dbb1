import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { execa } from 'execa';
import getPort from 'get-port';
import { Kafka, logLevel } from 'kafkajs';
import { expect, onTestFinished, test as base } from 'vitest';
import { ensureKafkaDistribution } from '../../../src/dev/kafka/kafka-distribution.ts';
import { probeKafka, startKafkaBroker } from '../../../src/dev/kafka/kafka-broker.ts';
import { startLocalServices } from '../../../src/dev/local-services.ts';
import { waitUntilGone, type ProcessIdentity } from '../../../src/dev/process/process-identity.ts';
import { findTemporalBinary } from '../../../src/dev/temporal/temporal-binary.ts';
import { probeTemporal, startTemporalServer } from '../../../src/dev/temporal/temporal-server.ts';
import { createTopics } from '../../support/log/create-topics.ts';

/** Shared with all runs: the downloads are 90 MB. */
const CACHE_DIR = join(homedir(), '.cache', 'imdb-temporal');
const GONE_TIMEOUT_MS = 5 * 60_000;
const LOCAL_SERVICES_MODULE = new URL('../../../src/dev/local-services.ts', import.meta.url).href;

const test = base.extend('stateDir', async ({}, { onCleanup }) => {
  const dir = await mkdtemp(join(tmpdir(), 'local-services-'));
  onCleanup(() => rm(dir, { recursive: true }));
  return dir;
});

/** The servers of a state directory, as their pid files name them. */
async function readServers(stateDir: string): Promise<readonly ProcessIdentity[]> {
  const files = (await readdir(stateDir)).filter((file) => file.endsWith('.pid'));
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(stateDir, file), 'utf8')) as ProcessIdentity),
  );
}

async function areGone(servers: readonly ProcessIdentity[], timeoutMs: number): Promise<readonly boolean[]> {
  return Promise.all(servers.map((server) => waitUntilGone(server, timeoutMs)));
}

test('services answer, are shared by a second start, and leave no process behind', async ({ stateDir }) => {
  const lines: string[] = [];
  const options = { stateDir, cacheDir: CACHE_DIR, onMessage: (line: string) => lines.push(line) };
  const services = await startLocalServices(options);
  onTestFinished(() => services.stop());
  const servers = await readServers(stateDir);
  expect(servers).toHaveLength(2);

  const second = await startLocalServices(options);
  expect({ ...second, stop: undefined }).toEqual({ ...services, stop: undefined });
  await second.stop();

  await probeTemporal(services.temporalAddress);
  await probeKafka(services.kafkaBrokers);
  expect((await fetch(services.temporalUiUrl ?? '')).status).toBe(200);
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^Temporal \S+ \(.+\) at 127\.0\.0\.1:\d+, UI http:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^Apache Kafka 4\.3\.0 at 127\.0\.0\.1:\d+$/),
      `Using the services of process ${process.pid}, which holds ${stateDir}`,
    ]),
  );

  await Promise.all([services.stop(), services.stop()]);
  expect(await areGone(servers, 0)).toEqual([true, true]);
  expect((await readdir(stateDir)).filter((file) => /\.(pid|lock)$|services/.test(file))).toEqual([]);
});

test('a broker killed with SIGKILL starts again on another port with all its records', async ({
  stateDir,
}) => {
  const libDir = await ensureKafkaDistribution(CACHE_DIR);
  const topic = `survivor-${randomUUID()}`;
  const first = await startKafkaBroker({ libDir, stateDir });
  onTestFinished(() => first.stop());
  const kafka = createKafka(first.address);
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  await createTopics(admin, [topic], 1);
  await producer.send({ topic, messages: [{ value: 'kept' }] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);

  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL', stopped: false });

  const second = await startKafkaBroker({ libDir, stateDir, port: await getPort() });
  onTestFinished(() => second.stop());
  expect(second.address).not.toBe(first.address);
  const secondAdmin = createKafka(second.address).admin();
  await secondAdmin.connect();
  onTestFinished(() => secondAdmin.disconnect());
  expect(await secondAdmin.fetchTopicOffsets(topic)).toEqual([
    { partition: 0, offset: '1', low: '0', high: '1' },
  ]);
});

test('a Temporal server killed with SIGKILL restarts on its port with all workflows', async ({
  stateDir,
}) => {
  const { path: binary } = await findTemporalBinary({ cacheDir: CACHE_DIR });
  const workflowId = `survivor-${randomUUID()}`;
  const first = await startTemporalServer({ binary, stateDir });
  onTestFinished(() => first.stop());
  const connection = await Connection.connect({ address: first.address });
  onTestFinished(() => connection.close());
  const client = new Client({ connection });
  await client.workflow.start('unknown', { workflowId, taskQueue: 'without-worker' });

  process.kill(first.pid, 'SIGKILL');
  await first.exited;

  const port = Number(first.address.split(':')[1]);
  const second = await startTemporalServer({ binary, stateDir, port });
  onTestFinished(() => second.stop());
  expect(second.address).toBe(first.address);
  const { status } = await client.workflow.getHandle(workflowId).describe();
  expect(status.name).toBe('RUNNING');
});

test('services end when the process that started them is killed with SIGKILL', async ({ stateDir }) => {
  const script = `
    import { startLocalServices } from ${JSON.stringify(LOCAL_SERVICES_MODULE)};
    await startLocalServices(${JSON.stringify({ stateDir, cacheDir: CACHE_DIR })});
    process.kill(process.pid, 'SIGKILL');
  `;
  const { signal } = await execa(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { reject: false },
  );
  expect(signal).toBe('SIGKILL');
  const servers = await readServers(stateDir);
  expect(servers).toHaveLength(2);
  expect(await areGone(servers, GONE_TIMEOUT_MS)).toEqual([true, true]);
});

test('when one service cannot start, the other is stopped and the directory released', async ({
  stateDir,
}) => {
  const temporalCliPath = join(stateDir, 'no-such-file');
  const start = startLocalServices({ stateDir, cacheDir: CACHE_DIR, temporalCliPath });

  await expect(start).rejects.toThrow(`TEMPORAL_CLI_PATH ${temporalCliPath}: not found`);
  expect((await readdir(stateDir)).filter((file) => /\.(pid|lock)$/.test(file))).toEqual([]);
});

test('services that run elsewhere are used as they are', async ({ stateDir }) => {
  const elsewhere = { temporalAddress: 'temporal.example:7233', kafkaBrokers: ['kafka.example:9092'] };
  const services = await startLocalServices({ ...elsewhere, stateDir, cacheDir: CACHE_DIR });

  expect(services).toMatchObject({ ...elsewhere, temporalUiUrl: undefined });
  await services.stop();
  expect(await readdir(stateDir)).toEqual([]);
});

function createKafka(address: string): Kafka {
  return new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
}
