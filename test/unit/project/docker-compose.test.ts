import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../../../src/config.ts';
import { brokerProperties } from '../../../src/dev/kafka/broker-properties.ts';
import { KAFKA_PORT } from '../../../src/dev/kafka/kafka-broker.ts';
import { KAFKA_VERSION } from '../../../src/dev/kafka/kafka-distribution.ts';
import { CLI_VERSION } from '../../../src/dev/temporal/temporal-downloads.ts';
import {
  startTemporalServer,
  TEMPORAL_PORT,
  TEMPORAL_UI_PORT,
} from '../../../src/dev/temporal/temporal-server.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const readProjectFile = (path: string) => readFile(join(ROOT, path), 'utf8');

/** The part of the Compose specification that we use. It is strict, because a misspelt key would be ignored. */
const service = z.strictObject({
  image: z.string().optional(),
  build: z.strictObject({ context: z.string(), args: z.record(z.string(), z.string()) }).optional(),
  deploy: z.strictObject({ replicas: z.int() }).optional(),
  init: z.boolean().optional(),
  entrypoint: z.array(z.string()).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  security_opt: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()).default([]),
  command: z.array(z.string()).default([]),
  environment: z
    .record(
      z.string(),
      z.union([z.string(), z.number()]).transform((value) => `${value}`),
    )
    .default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z
    .record(z.string(), z.strictObject({ condition: z.enum(['service_started', 'service_healthy']) }))
    .default({}),
  stop_grace_period: z
    .string()
    .regex(/^\d+s$/)
    .optional(),
  restart: z.enum(['no', 'on-failure', 'always', 'unless-stopped']),
  healthcheck: z
    .strictObject({
      test: z.tuple([z.literal('CMD')], z.string()),
      interval: z.string(),
      timeout: z.string(),
      retries: z.int(),
      start_period: z.string().optional(),
    })
    .optional(),
});
const composeFile = z.strictObject({
  name: z.string(),
  services: z.strictObject({ temporal: service, kafka: service, store: service, worker: service }),
  volumes: z.record(z.string(), z.null()),
});

const { services, volumes } = composeFile.parse(parse(await readProjectFile('docker-compose.yml')));
const { temporal, kafka, store, worker } = services;
const all = Object.entries(services);

const dockerfile = await readProjectFile('Dockerfile');
const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1] ?? '');
const finalStage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
const [, workdir = ''] = /^WORKDIR (.+)$/m.exec(finalStage) ?? [];

const composeCommand = await findCompose();

async function findCompose(): Promise<readonly [string, ...string[]] | undefined> {
  for (const [command, ...args] of [['docker', 'compose'], ['docker-compose']] as const) {
    const { stdout } = await execa(command, [...args, 'version', '--short'], { reject: false });
    // Version 1 supports an older specification.
    if (/^v?[2-9]/.test(stdout)) return [command, ...args];
  }
  return undefined;
}

test.skipIf(composeCommand === undefined)('Docker Compose itself accepts docker-compose.yml', async () => {
  const [command, ...args] = composeCommand ?? ['docker'];
  await execa(command, [...args, 'config', '--quiet'], { cwd: ROOT });
});

test('every image is pinned to an exact version', () => {
  const images = all.flatMap(([, { image }]) => image ?? []);

  expect(images).toHaveLength(3);
  expect(bases).toHaveLength(2);
  for (const image of [...images, ...bases]) expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+(-[a-z-]+)?$/);
});

test('every published port is on loopback and equal to the local default', () => {
  const published = all.flatMap(([, { ports }]) => ports);

  const { port: reports } = loadConfig({}).reports ?? {};
  const { AWS_ENDPOINT_URL_S3: storeUrl = '' } = worker.environment;
  expect(published).toEqual([
    ...[TEMPORAL_PORT, TEMPORAL_UI_PORT, KAFKA_PORT].map((port) => `127.0.0.1:${port}:${port}`),
    `127.0.0.1:${new URL(storeUrl).port}:${new URL(storeUrl).port}`,
    `127.0.0.1:${reports}-8239:${reports}`,
  ]);
});

test('every service has a health check, the worker that of its image', () => {
  expect(all.flatMap(([name, { healthcheck }]) => (healthcheck ? [] : [name]))).toEqual(['worker']);
  expect(finalStage).toContain('\nHEALTHCHECK ');
});

test('every volume is declared', () => {
  const used = all.flatMap(([, service]) => service.volumes.map((mount) => mount.split(':')[0]));

  expect(used).toEqual(Object.keys(volumes));
});

test('the worker waits until the servers are healthy', () => {
  expect(worker.depends_on).toEqual({
    temporal: { condition: 'service_healthy' },
    kafka: { condition: 'service_healthy' },
    store: { condition: 'service_healthy' },
  });
});

test('the worker looks for Temporal and Kafka where their containers listen', () => {
  const config = loadConfig(worker.environment);

  expect(config.temporal.connect.connectionOptions.address).toBe(`temporal:${TEMPORAL_PORT}`);
  expect(kafka.environment['KAFKA_ADVERTISED_LISTENERS']?.split(',')).toEqual([
    `NETWORK://${config.kafka.brokers[0] ?? ''}`,
    `HOST://localhost:${KAFKA_PORT}`,
  ]);
  const networkPort = config.kafka.brokers[0]?.replace('kafka:', '') ?? '';
  expect(kafka.environment['KAFKA_LISTENERS']?.split(',').slice(0, 2)).toEqual([
    `NETWORK://:${networkPort}`,
    `HOST://:${KAFKA_PORT}`,
  ]);
});

test('the worker has the time to finish or hand over what it has begun', () => {
  const { workerGraceSeconds } = loadConfig(worker.environment);
  expect(Number.parseInt(worker.stop_grace_period ?? '0')).toBeGreaterThanOrEqual(workerGraceSeconds + 10);
});

test('two workers share the bucket that the store makes at its start', () => {
  const { artifacts, s3 } = loadConfig(worker.environment);

  expect(worker.deploy?.replicas).toBe(2);
  expect(artifacts).toMatchObject({ kind: 's3', bucket: 'imdb' });
  expect(s3).toMatchObject({ endpoint: 'http://store:7070', forcePathStyle: true });
  expect(worker.environment['AWS_ACCESS_KEY_ID']).toBe(store.environment['ROOT_ACCESS_KEY']);
  expect(worker.environment['AWS_SECRET_ACCESS_KEY']).toBe(store.environment['ROOT_SECRET_KEY']);
  const [, directory = ''] = store.volumes[0]?.split(':') ?? [];
  expect(store.entrypoint?.at(-1)).toBe(
    `mkdir -p ${directory}/imdb && exec /app/versitygw posix ${directory}`,
  );
});

test('workers and the store write only to their volumes and hold no capability', () => {
  for (const service of [worker, store]) {
    expect(service.read_only).toBe(true);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toEqual(['no-new-privileges:true']);
  }
  const [state = '', temporary] = worker.tmpfs;
  expect(temporary).toBe('/tmp');
  const { data } = loadConfig(worker.environment);
  const place = posix.join(workdir, relative(process.cwd(), directoryOf(data)));
  expect(place).toMatch(new RegExp(`^${state.split(':')[0]}/`));
  // Docker gives a new volume the owner of the directory that it covers.
  const stateDir = posix.relative(workdir, state.split(':')[0] ?? '');
  expect(finalStage).toContain(`RUN mkdir ${stateDir} && chown node:node ${stateDir}\n`);
  expect(finalStage).toContain('\nUSER 1000:1000\n');
  expect(state).toMatch(/:uid=1000,gid=1000$/);
});

test('every variable of the worker is documented', async () => {
  const example = await readProjectFile('.env.example');
  const known = [...example.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);

  expect(Object.keys(worker.environment).filter((name) => !known.includes(name))).toEqual([]);
});

test('the Kafka image has the version and the settings of the local broker', () => {
  const about = /^(listeners|advertised|listener|controller|log\.dirs)\b/;
  const settings = Object.entries(brokerProperties({ port: 1, controllerPort: 2 }))
    .filter(([key]) => !about.test(key))
    .map(([key, value]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, String(value)]);

  expect(kafka.image).toBe(`apache/kafka:${KAFKA_VERSION}`);
  expect(settings.length).toBeGreaterThan(10);
  expect(kafka.environment).toMatchObject(Object.fromEntries(settings));
});

test('the Temporal image has the version of the local server’s CLI', () => {
  expect(temporal.image).toBe(`temporalio/temporal:${CLI_VERSION}`);
});

test('the Temporal container is started with the flags of the local server', async ({ onTestFinished }) => {
  const stateDir = await mkdtemp(join(tmpdir(), 'compose-'));
  onTestFinished(() => rm(stateDir, { recursive: true }));
  const binary = join(stateDir, 'temporal');
  await writeFile(binary, `#!/bin/sh\nprintf '%s\\n' "$@" >${stateDir}/arguments\nexit 1\n`);
  await chmod(binary, 0o755);
  await expect(startTemporalServer({ binary, stateDir })).rejects.toThrow('exit code 1');
  const local = (await readFile(join(stateDir, 'arguments'), 'utf8')).trim().split('\n');

  expect(withoutPlace(temporal.command)).toEqual(withoutPlace(local));
});

/** Without the flags that name an address or a file. */
function withoutPlace(args: readonly string[]): readonly string[] {
  return args.filter((flag) => !/^--(ip|port|ui-port|db-filename)=/.test(flag));
}
