import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { DEFAULT_TASK_QUEUE } from './domain/names.ts';

/** Addresses, credentials and directories. What a run does comes from its input, never from the environment. */
export interface Config {
  readonly temporal: TemporalSettings;
  readonly kafka: KafkaSettings;
  readonly taskQueue: string;
  /** The only files that `dataset.path` can name. */
  readonly dataDir: string;
  readonly artifactDir: string;
  /** Threads of one worker process for growing and scoring forests. */
  readonly forestThreads: number;
  /** Loopback port for the reports; undefined: they are not served. */
  readonly reportPort: number | undefined;
  /** Receiver of notifications; undefined: none are sent. */
  readonly notify: WebhookSettings | undefined;
  /** The commit that this program was built from, set by its build. */
  readonly gitCommit: string | undefined;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  readonly local: LocalSettings;
}

export interface TemporalSettings {
  /** Address, namespace, TLS and API key as Temporal's own tools read them. */
  readonly connect: ClientConnectConfig;
  readonly uiUrl: string;
}

export interface WebhookSettings {
  readonly url: string;
  /** Shared with the receiver, which uses it to verify the signature of a notification. */
  readonly secret: string;
}

export interface KafkaSettings {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
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

export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(
      `the environment has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n` +
        problems.map((problem) => `  - ${problem}`).join('\n') +
        '\nSet the variables in the environment, or in a file: node --env-file=.env (see .env.example)',
    );
  }
}

/** Default addresses of servers that were started by their own tools. */
const DEFAULT_TEMPORAL_ADDRESS = 'localhost:7233';
const DEFAULT_UI_URL = 'http://localhost:8233';
const DEFAULT_KAFKA_BROKER = 'localhost:9092';
const STATE_DIR = '.local';
/** Next to the Temporal UI's. */
const DEFAULT_REPORT_PORT = 8234;

const directory = z.string().transform((path) => resolve(path));

const schema = z
  .object({
    TEMPORAL_UI_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).default(DEFAULT_UI_URL),
    // @temporalio/envconfig reads "TRUE" as false and would send an API key unencrypted.
    TEMPORAL_TLS: z.enum(['true', 'false', '1', '0'], { error: 'must be true or false' }).optional(),
    TEMPORAL_CLI_PATH: directory.optional(),
    TASK_QUEUE: z.string().default(DEFAULT_TASK_QUEUE),
    KAFKA_BROKERS: z
      .string()
      .transform((list) => list.split(',').map((broker) => broker.trim()))
      .refine((brokers) => brokers.every((broker) => /^(\[.+\]|[^:\s]+):\d{1,5}$/.test(broker)), {
        error: 'must be host:port, several separated by commas',
      })
      .optional(),
    KAFKA_SSL: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
    KAFKA_SASL_MECHANISM: z
      .string()
      .toLowerCase()
      .pipe(
        z.enum(['plain', 'scram-sha-256', 'scram-sha-512'], {
          error: 'must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512',
        }),
      )
      .optional(),
    KAFKA_SASL_USERNAME: z.string().optional(),
    KAFKA_SASL_PASSWORD: z.string().optional(),
    DATA_DIR: directory.default(resolve(STATE_DIR, 'data')),
    ARTIFACT_DIR: directory.default(resolve(STATE_DIR, 'artifacts')),
    FOREST_THREADS: z
      .string()
      .regex(/^[1-9]\d{0,2}$/, 'must be a number from 1 to 999')
      .transform(Number)
      .default(availableParallelism()),
    REPORT_PORT: z
      .string()
      .regex(/^(off|[1-9]\d{0,4})$/, 'must be a port, or off')
      // Before the transformation, or zod would replace the undefined of "off" with the default.
      .default(String(DEFAULT_REPORT_PORT))
      .transform((port) => (port === 'off' ? undefined : Number(port))),
    NOTIFY_WEBHOOK: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
    NOTIFY_SECRET: z.string().min(16, 'must have 16 characters or more').optional(),
    GIT_COMMIT: z.string().optional(),
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
      .default('info'),
    XDG_CACHE_HOME: directory.default(join(homedir(), '.cache')),
  })
  .superRefine(({ NOTIFY_WEBHOOK, NOTIFY_SECRET }, context) => {
    if ((NOTIFY_WEBHOOK === undefined) === (NOTIFY_SECRET === undefined)) return;
    const [missing, given] =
      NOTIFY_SECRET === undefined ? ['NOTIFY_SECRET', 'NOTIFY_WEBHOOK'] : ['NOTIFY_WEBHOOK', 'NOTIFY_SECRET'];
    const message = `is missing (${given} is set; notifications are signed, so they need both)`;
    context.addIssue({ code: 'custom', path: [missing], message });
  })
  .superRefine(({ KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD }, context) => {
    const sasl = { KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD };
    const given = Object.entries(sasl).filter(([, value]) => value !== undefined);
    if (given.length === 0 || given.length === 3) return;
    for (const [name, value] of Object.entries(sasl)) {
      if (value !== undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [name],
        message: `is missing (${given[0]?.[0]} is set; SASL needs all three)`,
      });
    }
  });

/**
 * @param env the process environment, or any other map; an empty string counts as unset
 * @throws ConfigError naming every problem at once. Values of secrets are never shown.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
  const parsed = schema.safeParse(set);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  let connect: ClientConnectConfig = { connectionOptions: {} };
  try {
    connect = loadClientConnectConfig({ overrideEnvVars: set });
  } catch (error) {
    // The first line has the reason; further lines of a TOML parser quote the file, API keys included.
    const [reason] = (error as Error).message.split('\n');
    problems.push(`Temporal's own settings (TEMPORAL_*): ${reason}`);
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(toConfig(parsed.data, connect));
}

function toConfig(values: z.output<typeof schema>, connect: ClientConnectConfig): Config {
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
      ssl: values.KAFKA_SSL === 'true',
      ...(mechanism && username && password && { sasl: { mechanism, username, password } }),
    },
    taskQueue: values.TASK_QUEUE,
    dataDir: values.DATA_DIR,
    artifactDir: values.ARTIFACT_DIR,
    forestThreads: values.FOREST_THREADS,
    reportPort: values.REPORT_PORT,
    notify:
      values.NOTIFY_WEBHOOK !== undefined && values.NOTIFY_SECRET !== undefined
        ? { url: values.NOTIFY_WEBHOOK, secret: values.NOTIFY_SECRET }
        : undefined,
    gitCommit: values.GIT_COMMIT,
    logLevel: values.LOG_LEVEL,
    local: {
      ...(address !== undefined && { temporalAddress: address }),
      ...(values.KAFKA_BROKERS && { kafkaBrokers: values.KAFKA_BROKERS }),
      ...(values.TEMPORAL_CLI_PATH !== undefined && { temporalCliPath: values.TEMPORAL_CLI_PATH }),
      stateDir: resolve(STATE_DIR),
      cacheDir: join(values.XDG_CACHE_HOME, 'imdb-temporal'),
    },
  };
}

/** The only reader of the process environment. */
export function loadProcessConfig(): Config {
  return loadConfig(process.env);
}
