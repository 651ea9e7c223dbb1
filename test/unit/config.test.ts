import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, expect, vi } from 'vitest';
import { ConfigError, loadConfig, type Config } from '../../src/config.ts';
import { test } from '../support/unit/temp-dir.ts';

const ROOT = new URL('../../', import.meta.url);
const EXAMPLE = await readFile(new URL('.env.example', ROOT), 'utf8');
const SOURCE = await readFile(new URL('src/environment-schema.ts', ROOT), 'utf8');
/** `#NAME=value`: an example; `# words`: a comment. */
const EXAMPLE_LINE = /^#(?=[A-Z0-9_]+=)/gm;

type Environment = Readonly<Record<string, string | undefined>>;

function failureOf(env: Environment): ConfigError {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('loadConfig did not fail');
}

afterEach(() => {
  vi.unstubAllEnvs();
});

test('without any variable, servers are expected at their usual addresses', () => {
  expect(loadConfig({})).toMatchObject({
    temporal: {
      connect: { connectionOptions: { address: 'localhost:7233' } },
      uiUrl: 'http://localhost:8233',
    },
    kafka: { brokers: ['localhost:9092'], ssl: false },
    taskQueue: 'imdb',
    data: { kind: 'directory', path: resolve('.local/data') },
    artifacts: { kind: 'directory', path: resolve('.local/artifacts') },
    logLevel: 'info',
    local: { stateDir: resolve('.local') },
  } satisfies DeepPartial<Config>);
});

test('without an address, demo and services start servers themselves', () => {
  const { local, kafka } = loadConfig({});

  expect(Object.keys(local).sort()).toEqual(['cacheDir', 'stateDir']);
  expect(kafka).not.toHaveProperty('sasl');
});

test('every variable that is set has an effect', () => {
  const config = loadConfig({
    TEMPORAL_ADDRESS: 'temporal:7233',
    TEMPORAL_NAMESPACE: 'films',
    TEMPORAL_API_KEY: 'key',
    TEMPORAL_UI_URL: 'https://ui.example/',
    TEMPORAL_CLI_PATH: 'bin/temporal',
    TASK_QUEUE: 'films',
    KAFKA_BROKERS: 'one:9092, two:9093 ,[::1]:9094',
    KAFKA_SSL: 'true',
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: 'user',
    KAFKA_SASL_PASSWORD: 'pass=word#1',
    DATA_DIR: 'data',
    ARTIFACT_STORE: '/artifacts',
    LOG_LEVEL: 'debug',
    XDG_CACHE_HOME: '/cache',
  });
  const brokers = ['one:9092', 'two:9093', '[::1]:9094'];

  expect(config).toMatchObject({
    temporal: {
      connect: {
        namespace: 'films',
        connectionOptions: { address: 'temporal:7233', apiKey: 'key', tls: true },
      },
      uiUrl: 'https://ui.example',
    },
    kafka: {
      brokers,
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'user', password: 'pass=word#1' },
    },
    taskQueue: 'films',
    data: { kind: 'directory', path: resolve('data') },
    artifacts: { kind: 'directory', path: '/artifacts' },
    logLevel: 'debug',
    local: {
      temporalAddress: 'temporal:7233',
      kafkaBrokers: brokers,
      temporalCliPath: resolve('bin/temporal'),
      cacheDir: '/cache/imdb-temporal',
    },
  } satisfies DeepPartial<Config>);
});

test('reports are served beside the Temporal UI, at another port, or not at all', () => {
  const ports = [{}, { REPORT_PORT: '9000' }, { REPORT_PORT: 'off' }].map(
    (env) => loadConfig(env).reports?.port,
  );

  expect(ports).toEqual([8234, 9000, undefined]);
});

test('an empty value counts as unset, for every variable', () => {
  const empty = Object.fromEntries(Object.keys(parseEnv(EXAMPLE)).map((name) => [name, '']));

  expect(Object.keys(empty).length).toBeGreaterThan(0);
  expect(loadConfig(empty)).toEqual(loadConfig({}));
});

test('the configuration is frozen', () => {
  expect(Object.isFrozen(loadConfig({}))).toBe(true);
});

test.for<[Environment, string]>([
  [{ TEMPORAL_UI_URL: 'localhost:8233' }, 'TEMPORAL_UI_URL must be an http(s) URL'],
  [{ TEMPORAL_TLS: 'TRUE' }, 'TEMPORAL_TLS must be true or false'],
  [
    { TASK_QUEUE: 'films-scoring' },
    'TASK_QUEUE must not end with -training or -scoring: roles have such queues',
  ],
  [{ KAFKA_BROKERS: 'localhost' }, 'KAFKA_BROKERS must be host:port, several separated by commas'],
  [{ KAFKA_BROKERS: 'one:9092,' }, 'KAFKA_BROKERS must be host:port, several separated by commas'],
  [{ KAFKA_BROKERS: 'user@one:9092' }, 'KAFKA_BROKERS must be host:port, several separated by commas'],
  [{ KAFKA_SSL: 'yes' }, 'KAFKA_SSL must be true or false'],
  [
    { KAFKA_SASL_MECHANISM: 'GSSAPI', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' },
    'KAFKA_SASL_MECHANISM must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
  ],
  [{ ARTIFACT_STORE: 'gs://films/a' }, 'ARTIFACT_STORE must be a directory, or s3://bucket/prefix'],
  [{ ARTIFACT_STORE: 's3://Films/a' }, 'ARTIFACT_STORE must be a directory, or s3://bucket/prefix'],
  [{ DATA_DIR: 's3://films/../a' }, 'DATA_DIR must be a directory, or s3://bucket/prefix'],
  [{ AWS_ACCESS_KEY_ID: 'id' }, 'AWS_SECRET_ACCESS_KEY is missing'],
  [{ AWS_ENDPOINT_URL_S3: 'store:9000' }, 'AWS_ENDPOINT_URL_S3 must be an http(s) URL'],
  [{ REPORT_HOST: '0.0.0.0' }, 'REPORT_TOKEN is missing (REPORT_HOST is 0.0.0.0'],
  [{ REPORT_TOKEN: 'short' }, 'REPORT_TOKEN must have 16 characters or more'],
  [{ SCHEMA_REGISTRY_URL: 'registry:8081' }, 'SCHEMA_REGISTRY_URL must be an http(s) URL'],
  [
    { SCHEMA_REGISTRY_URL: 'http://registry:8081', SCHEMA_REGISTRY_KEY: 'key' },
    'SCHEMA_REGISTRY_SECRET is missing',
  ],
  [{ SCHEMA_REGISTRY_KEY: 'key', SCHEMA_REGISTRY_SECRET: 'secret' }, 'SCHEMA_REGISTRY_URL is missing'],
  [{ LOG_LEVEL: 'trace' }, 'LOG_LEVEL must be debug, info, warn or error'],
  [{ TEMPORAL_PROFILE: 'prod' }, "Profile 'prod' not found"],
  [{ TEMPORAL_TLS_CLIENT_CERT_PATH: '/nowhere/cert.pem' }, '/nowhere/cert.pem'],
])('a wrong value is a ConfigError that names the variable: %j', ([env, message]) => {
  expect(failureOf(env).message).toContain(message);
  expect(failureOf(env).message).toContain('the environment has a problem:\n');
});

test('one error names all problems and both ways to set a variable', () => {
  const { message } = failureOf({ KAFKA_SSL: 'yes', LOG_LEVEL: 'loud', TEMPORAL_PROFILE: 'prod' });

  expect(message).toContain('the environment has 3 problems:\n');
  for (const name of ['KAFKA_SSL', 'LOG_LEVEL', "Profile 'prod'"]) expect(message).toContain(name);
  expect(message).toMatch(/in the environment, or in a file: .*\.env/);
});

const SASL = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'user', KAFKA_SASL_PASSWORD: 'secret-1' };

test.for(Object.keys(SASL))('SASL without %s is an error, and not silently left out', (name) => {
  expect(failureOf({ ...SASL, [name]: '' }).message).toContain(`${name} is missing (KAFKA_SASL_`);
});

test('SASL with one of three variables names the two that are missing', () => {
  expect(failureOf({ KAFKA_SASL_PASSWORD: 'secret-1' }).message).toMatch(
    /2 problems:\n.*KAFKA_SASL_MECHANISM is missing.*\n.*KAFKA_SASL_USERNAME is missing/,
  );
});

test('only the given map is read, not the process environment or a file in the home', async ({ dir }) => {
  const nothing = loadConfig({});
  await mkdir(join(dir, 'temporalio'));
  await mkdir(join(dir, '.config', 'temporalio'), { recursive: true });
  for (const folder of ['', '.config']) {
    await writeFile(
      join(dir, folder, 'temporalio', 'temporal.toml'),
      '[profile.default]\naddress = "home:1"\n',
    );
  }
  const stubs = {
    HOME: dir,
    TEMPORAL_ADDRESS: 'process:1',
    TEMPORAL_API_KEY: 'key',
    TEMPORAL_CONFIG_FILE: join(dir, 'temporalio', 'temporal.toml'),
    XDG_CONFIG_HOME: dir,
    KAFKA_BROKERS: 'process:1',
    TASK_QUEUE: 'process',
  };
  for (const [name, value] of Object.entries(stubs)) vi.stubEnv(name, value);

  expect(loadConfig({})).toEqual(nothing);
  expect(loadConfig({ XDG_CONFIG_HOME: dir }).local.temporalAddress).toBe('home:1');
});

test('.env.example, unchanged, sets nothing', () => {
  expect(loadConfig(parseEnv(EXAMPLE))).toEqual(loadConfig({}));
});

test('.env.example with every example line enabled configures both clouds', () => {
  const env = parseEnv(EXAMPLE.replaceAll(EXAMPLE_LINE, ''));
  const { temporal, kafka } = loadConfig(env);

  expect(temporal.connect).toMatchObject({
    namespace: env['TEMPORAL_NAMESPACE'],
    connectionOptions: { address: env['TEMPORAL_ADDRESS'], apiKey: env['TEMPORAL_API_KEY'], tls: {} },
  });
  expect(kafka).toEqual({
    brokers: [env['KAFKA_BROKERS']],
    ssl: true,
    sasl: {
      mechanism: 'plain',
      username: env['KAFKA_SASL_USERNAME'],
      password: env['KAFKA_SASL_PASSWORD'],
    },
  });
});

test('.env.example has exactly the variables that are read, each with a comment', () => {
  const read = [...SOURCE.matchAll(/^ {4}([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name as string);
  const ofTemporal = ['TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS'];
  const shown = Object.keys(parseEnv(EXAMPLE));

  expect(read).toContain('KAFKA_BROKERS');
  expect(shown.sort()).toEqual([...new Set([...read, ...ofTemporal])].sort());
  const lines = EXAMPLE.split('\n');
  const bare = lines.filter((line, i) => /^[A-Z]/.test(line) && !/^(#|KAFKA_SASL)/.test(lines[i - 1] ?? ''));
  expect(bare).toEqual([]);
});

test('every example in .env.example is of a variable that the file explains', () => {
  const explained = Object.keys(parseEnv(EXAMPLE));
  const examples = [...EXAMPLE.matchAll(/^#([A-Z0-9_]+)=/gm)].map(([, name]) => name as string);

  expect(examples.length).toBeGreaterThan(0);
  expect(examples.filter((name) => !explained.includes(name))).toEqual([]);
});

type DeepPartial<T> = { readonly [K in keyof T]?: T[K] extends object ? DeepPartial<T[K]> : T[K] };
