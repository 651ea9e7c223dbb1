import { join, resolve } from 'node:path';
import { loadClientConfigProfile, toClientOptions, type ClientConnectConfig } from '@temporalio/envconfig';
import { toTls, type KafkaTls } from './config/kafka-tls.ts';
import { mlflowOf, type MlflowSettings } from './config/mlflow-settings.ts';
import { notifyOf, type NotifySettings } from './config/notify-settings.ts';
import { toS3Settings, type S3Settings } from './config/s3-settings.ts';
import { toSchemaRegistry, type SchemaRegistrySettings } from './config/schema-registry-settings.ts';
import { secretsOf } from './config/secrets.ts';
import type { StorePlace } from './config/store-place.ts';
import { tracesOf, type TraceSettings } from './config/trace-settings.ts';
import type { Role } from './domain/roles.ts';
import { environmentSchema, STATE_DIR, type Environment } from './environment-schema.ts';

/** Addresses, credentials and places of files. What a run does comes from its input, never from the environment. */
export interface Config {
  readonly temporal: TemporalSettings;
  readonly kafka: KafkaSettings;
  readonly taskQueue: string;
  /** The only files that `dataset.path` can name. */
  readonly data: StorePlace;
  readonly artifacts: StorePlace;
  readonly s3: S3Settings;
  /** What the worker takes. */
  readonly roles: readonly Role[];
  /** The version of this worker, for Worker Versioning; undefined: any worker continues any workflow. */
  readonly deployment: { readonly deploymentName: string; readonly buildId: string } | undefined;
  /** Processes of one worker; undefined: by cores and memory. */
  readonly workerProcesses: number | undefined;
  /** How long a stopping worker finishes what it has begun; the rest is handed over. */
  readonly workerGraceSeconds: number;
  /** Runs that one process takes at once; later ones wait. */
  readonly runsPerProcess: number;
  /** Threads of one worker for growing forests; its processes share as many for scoring. */
  readonly forestThreads: number;
  /** Undefined: reports are not served. */
  readonly reports: ReportSettings | undefined;
  /** Where a worker serves metrics and health; undefined: nowhere. Without a host: on all addresses. */
  readonly metrics: { readonly port: number; readonly host?: string } | undefined;
  /** Collector of traces; undefined: none are made. */
  readonly traces: TraceSettings | undefined;
  /** Undefined: none is used. */
  readonly schemaRegistry: SchemaRegistrySettings | undefined;
  /** Receiver of notifications; undefined: none are sent. */
  readonly notify: NotifySettings | undefined;
  readonly mlflow: MlflowSettings | undefined;
  /** The commit that this program was built from, set by its build. */
  readonly gitCommit: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** What no log, failure or output may show. */
  readonly secrets: readonly string[];
  readonly local: LocalSettings;
}

export interface TemporalSettings {
  /** Address, namespace, TLS and API key as Temporal's own tools read them. */
  readonly connect: ClientConnectConfig;
  readonly uiUrl: string;
}

export interface ReportSettings {
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** What a reader has to know; only on loopback none is needed. */
  readonly token: string | undefined;
}

export interface KafkaSettings {
  readonly brokers: readonly string[];
  /** True: TLS with the authorities that Node trusts. */
  readonly ssl: boolean | KafkaTls;
  readonly sasl?: {
    readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/** For the commands that start missing servers. */
export interface LocalSettings {
  /** If set, this server is used and none is started. */
  readonly temporalAddress?: string;
  /** If set, this cluster is used and no broker is started. */
  readonly kafkaBrokers?: readonly string[];
  readonly temporalCliPath?: string;
  readonly stateDir: string;
  readonly cacheDir: string;
}

/** A key in place of its path is part of "no such file". */
function withoutPem(problem: string): string {
  return problem.replace(/-----BEGIN[^]*/, '[text of a PEM file, not its path]');
}

export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(
      `the environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n` +
        problems.map((problem) => `  - ${withoutPem(problem)}`).join('\n') +
        '\nSet the variables in the environment, or in a file: node --env-file=.env (see .env.example)',
    );
  }
}

/** Default addresses of servers that were started by their own tools. */
const DEFAULT_TEMPORAL_ADDRESS = 'localhost:7233';
const DEFAULT_KAFKA_BROKER = 'localhost:9092';

/**
 * @param env the process environment, or any other map; an empty string counts as unset
 * @throws ConfigError naming every problem at once. Values of secrets are never shown.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const parsed = environmentSchema.safeParse(set);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  let connect: ClientConnectConfig = { connectionOptions: {} };
  try {
    const profile = loadClientConfigProfile({ overrideEnvVars: set });
    connect = toClientOptions(profile);
    // Otherwise Temporal's library would connect without either.
    const { clientCert, clientKey } = profile.tls ?? {};
    if ((clientCert === undefined) !== (clientKey === undefined)) {
      problems.push('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH are needed together');
    }
  } catch (error) {
    // The first line has the reason; further lines of a TOML parser quote the file, API keys included.
    const [reason] = (error as Error).message.split('\n');
    problems.push(`Temporal's own settings (TEMPORAL_*): ${reason}`);
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(toConfig(parsed.data, connect));
}

function toConfig(values: Environment, connect: ClientConnectConfig): Config {
  const {
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: username,
    KAFKA_SASL_PASSWORD: password,
  } = values;
  const { address } = connect.connectionOptions;
  return {
    temporal: {
      connect: {
        ...connect,
        connectionOptions: { ...connect.connectionOptions, address: address ?? DEFAULT_TEMPORAL_ADDRESS },
      },
      uiUrl: values.TEMPORAL_UI_URL.replace(/\/$/, ''),
    },
    kafka: {
      brokers: values.KAFKA_BROKERS ?? [DEFAULT_KAFKA_BROKER],
      ssl: values.KAFKA_SSL === 'true' && toTls(values),
      ...(mechanism && username && password && { sasl: { mechanism, username, password } }),
    },
    taskQueue: values.TASK_QUEUE,
    data: values.DATA_DIR,
    artifacts: values.ARTIFACT_STORE,
    s3: toS3Settings(values),
    roles: values.WORKER_ROLES,
    deployment:
      values.WORKER_DEPLOYMENT !== undefined && values.WORKER_BUILD_ID !== undefined
        ? { deploymentName: values.WORKER_DEPLOYMENT, buildId: values.WORKER_BUILD_ID }
        : undefined,
    workerProcesses: values.WORKER_PROCESSES,
    workerGraceSeconds: values.WORKER_GRACE_SECONDS,
    runsPerProcess: values.RUNS_PER_PROCESS,
    forestThreads: values.FOREST_THREADS,
    reports:
      values.REPORT_PORT === undefined
        ? undefined
        : {
            port: values.REPORT_PORT,
            host: values.REPORT_HOST,
            token: values.REPORT_TOKEN,
          },
    metrics:
      values.METRICS_PORT === undefined
        ? undefined
        : {
            port: values.METRICS_PORT,
            ...(values.METRICS_HOST !== undefined && { host: values.METRICS_HOST }),
          },
    traces: tracesOf(values),
    schemaRegistry: toSchemaRegistry(values),
    notify: notifyOf(values),
    mlflow: mlflowOf(values),
    gitCommit: values.GIT_COMMIT,
    logLevel: values.LOG_LEVEL,
    secrets: secretsOf(values, connect),
    local: {
      ...(address !== undefined && { temporalAddress: address }),
      ...(values.KAFKA_BROKERS && { kafkaBrokers: values.KAFKA_BROKERS }),
      ...(values.TEMPORAL_CLI_PATH !== undefined && { temporalCliPath: values.TEMPORAL_CLI_PATH }),
      stateDir: resolve(STATE_DIR),
      cacheDir: join(values.XDG_CACHE_HOME, 'imdb-temporal'),
    },
  };
}

/**
 * The only reader of the process environment. The AWS SDK would warn on Node 20 in each command, although its pinned
 * version supports it.
 */
export function loadProcessConfig(): Config {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  return loadConfig(process.env);
}

/** For a process that this one starts. @param defaults of variables that are not set */
export function childEnvironment(
  defaults: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return { ...defaults, ...process.env };
}

/** Also while the configuration has problems; their messages show no secret. */
export function processSecrets(): readonly string[] {
  try {
    return loadProcessConfig().secrets;
  } catch {
    return [];
  }
}
