import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { pemFile, requireTlsPair } from './config/kafka-tls.ts';
import { requireMlflow } from './config/mlflow-settings.ts';
import { notificationEvents, requireReceiver } from './config/notify-settings.ts';
import { storePlace } from './config/store-place.ts';
import { DEFAULT_TASK_QUEUE } from './domain/names.ts';
import { isQueueOfRole, parseRoles, ROLES } from './domain/roles.ts';

/** Of a server that was started by its own tool. */
const DEFAULT_UI_URL = 'http://localhost:8233';
export const STATE_DIR = '.local';
/** Next to the Temporal UI's. */
const DEFAULT_REPORT_PORT = 8234;
const DEFAULT_EXPERIMENT = 'imdb';
const LOOPBACK = '127.0.0.1';

/** Kubernetes kills after 30 seconds: the rest is for handing over. */
const DEFAULT_GRACE_SECONDS = 20;
/** Enough to use two cores while runs wait for Kafka. */
const DEFAULT_RUNS_PER_PROCESS = 4;

const directory = z.string().transform((path) => resolve(path));

function place(name: string) {
  return storePlace().default({ kind: 'directory', path: resolve(STATE_DIR, name) });
}

const KEYS_ARE_SEPARATE = 'the key is AWS_ACCESS_KEY_ID';

const smallNumber = z
  .string()
  .regex(/^[1-9]\d{0,2}$/, 'must be a number from 1 to 999')
  .transform(Number);

/** @param reason why it needs no user and password */
function httpUrl(reason: string) {
  return z
    .url({ protocol: /^https?$/, error: 'must be an http(s) URL' })
    .refine((url) => !hasCredentials(url), {
      error: `must not contain a user or password: remove the part before "@" (${reason})`,
    });
}

function hasCredentials(url: string): boolean {
  // What is no URL is refused as such.
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/** Variables that need each other. */
const PAIRS = [
  [['MLFLOW_TRACKING_USERNAME', 'MLFLOW_TRACKING_PASSWORD'], 'a login has both'],
  [['SCHEMA_REGISTRY_KEY', 'SCHEMA_REGISTRY_SECRET'], 'a login of the Schema Registry has both'],
  [['WORKER_DEPLOYMENT', 'WORKER_BUILD_ID'], 'a version of a worker has both'],
] as const;

/** The variables of this project; Temporal's own are read by its library. */
export const environmentSchema = z
  .object({
    TEMPORAL_UI_URL: httpUrl('anyone who sees a run sees its links').default(DEFAULT_UI_URL),
    // @temporalio/envconfig reads "TRUE" as false and would send an API key unencrypted.
    TEMPORAL_TLS: z.enum(['true', 'false', '1', '0'], { error: 'must be true or false' }).optional(),
    TEMPORAL_ADDRESS: z
      .string()
      .regex(/^[^@\s]+$/, 'must be host:port, without a user and password')
      .optional(),
    // gRPC repeats a key that no HTTP header can hold in its error.
    TEMPORAL_API_KEY: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be one line without spaces: remove quotes, spaces and line breaks')
      .optional(),
    TEMPORAL_CLI_PATH: directory.optional(),
    TASK_QUEUE: z
      .string()
      .refine(
        (name) => !isQueueOfRole(name),
        'must not end with -training or -scoring: roles have such queues',
      )
      .default(DEFAULT_TASK_QUEUE),
    KAFKA_BROKERS: z
      .string()
      .transform((list) => list.split(',').map((broker) => broker.trim()))
      .refine((brokers) => brokers.every((broker) => /^(\[[^\]@]+\]|[^:@\s]+):\d{1,5}$/.test(broker)), {
        error: 'must be host:port, several separated by commas',
      })
      .optional(),
    KAFKA_SSL: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
    KAFKA_SSL_CA: pemFile('certificate').optional(),
    KAFKA_SSL_CERT: pemFile('certificate').optional(),
    KAFKA_SSL_KEY: pemFile('private key').optional(),
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
    DATA_DIR: place('data'),
    ARTIFACT_STORE: place('artifacts'),
    AWS_REGION: z.string().optional(),
    AWS_ENDPOINT_URL: httpUrl(KEYS_ARE_SEPARATE).optional(),
    AWS_ENDPOINT_URL_S3: httpUrl(KEYS_ARE_SEPARATE).optional(),
    AWS_ACCESS_KEY_ID: z.string().optional(),
    AWS_SECRET_ACCESS_KEY: z.string().optional(),
    AWS_SESSION_TOKEN: z.string().optional(),
    S3_FORCE_PATH_STYLE: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
    S3_SERVER_SIDE_ENCRYPTION: z
      .enum(['AES256', 'aws:kms'], { error: 'must be AES256 or aws:kms' })
      .optional(),
    S3_KMS_KEY_ID: z.string().optional(),
    WORKER_ROLES: z
      .string()
      .transform((list) => parseRoles(list) ?? [])
      .refine((roles) => roles.length > 0, {
        error: `must be some of ${ROLES.join(', ')}, separated by commas`,
      })
      .default([...ROLES]),
    // The server writes "name.build" and "name:build".
    WORKER_DEPLOYMENT: z
      .string()
      .regex(/^[^.:\s]+$/, 'must not contain ".", ":" or spaces')
      .optional(),
    WORKER_BUILD_ID: z
      .string()
      .regex(/^[^:\s]+$/, 'must not contain ":" or spaces')
      .optional(),
    WORKER_PROCESSES: smallNumber.optional(),
    WORKER_GRACE_SECONDS: smallNumber.default(DEFAULT_GRACE_SECONDS),
    RUNS_PER_PROCESS: smallNumber.default(DEFAULT_RUNS_PER_PROCESS),
    FOREST_THREADS: smallNumber.default(availableParallelism()),
    REPORT_PORT: z
      .string()
      .regex(/^(off|[1-9]\d{0,4})$/, 'must be a port, or off')
      // Before the transformation, or zod would replace the undefined of "off" with the default.
      .default(String(DEFAULT_REPORT_PORT))
      .transform((port) => (port === 'off' ? undefined : Number(port))),
    REPORT_HOST: z.string().default(LOOPBACK),
    REPORT_TOKEN: z.string().min(16, 'must have 16 characters or more').optional(),
    METRICS_PORT: z
      .string()
      .regex(/^[1-9]\d{0,4}$/, 'must be a port')
      .transform(Number)
      .optional(),
    METRICS_HOST: z.string().optional(),
    OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl('set OTEL_EXPORTER_OTLP_HEADERS').optional(),
    OTEL_EXPORTER_OTLP_HEADERS: z
      .string()
      .regex(/^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$/, 'must be name=value, several separated by commas')
      .optional(),
    NOTIFY_WEBHOOK: httpUrl(
      'the address itself may hold a token; CloudEvents are signed with NOTIFY_SECRET',
    ).optional(),
    NOTIFY_SECRET: z.string().min(16, 'must have 16 characters or more').optional(),
    NOTIFY_FORMAT: z
      .enum(['cloudevents', 'slack'], { error: 'must be cloudevents or slack' })
      .default('cloudevents'),
    NOTIFY_EVENTS: notificationEvents,
    NOTIFY_NO_NEW_MODEL_HOURS: z
      .string()
      .regex(/^\d+(\.\d+)?$/, 'must be a number of hours')
      .transform(Number)
      .refine((hours) => hours > 0, 'must be more than 0')
      .optional(),
    MLFLOW_TRACKING_URI: httpUrl('set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD').optional(),
    MLFLOW_TRACKING_TOKEN: z.string().optional(),
    MLFLOW_TRACKING_USERNAME: z.string().optional(),
    MLFLOW_TRACKING_PASSWORD: z.string().optional(),
    MLFLOW_EXPERIMENT_NAME: z.string().max(500).default(DEFAULT_EXPERIMENT),
    SCHEMA_REGISTRY_URL: httpUrl('set SCHEMA_REGISTRY_KEY and SCHEMA_REGISTRY_SECRET').optional(),
    SCHEMA_REGISTRY_KEY: z.string().optional(),
    SCHEMA_REGISTRY_SECRET: z.string().optional(),
    GIT_COMMIT: z.string().optional(),
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
      .default('info'),
    XDG_CACHE_HOME: directory.default(join(homedir(), '.cache')),
  })
  .superRefine((values, context) => {
    for (const [pair, reason] of PAIRS) {
      const missing = pair.find((name) => values[name] === undefined);
      const given = pair.find((name) => values[name] !== undefined);
      if (missing === undefined || given === undefined) continue;
      context.addIssue({
        code: 'custom',
        path: [missing],
        message: `is missing (${given} is set; ${reason})`,
      });
    }
  })
  .superRefine(requireTlsPair)
  .superRefine(requireMlflow)
  .superRefine(requireReceiver)
  .superRefine(({ SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_KEY }, context) => {
    if (SCHEMA_REGISTRY_URL !== undefined || SCHEMA_REGISTRY_KEY === undefined) return;
    const message = 'is missing (SCHEMA_REGISTRY_KEY is set)';
    context.addIssue({ code: 'custom', path: ['SCHEMA_REGISTRY_URL'], message });
  })
  .superRefine(({ REPORT_HOST, REPORT_TOKEN }, context) => {
    if (REPORT_TOKEN !== undefined || [LOOPBACK, '::1', 'localhost'].includes(REPORT_HOST)) return;
    const message = `is missing (REPORT_HOST is ${REPORT_HOST}; beyond this machine, reports need a token)`;
    context.addIssue({ code: 'custom', path: ['REPORT_TOKEN'], message });
  })
  .superRefine((values, context) => {
    const pair = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;
    const missing = pair.filter((name) => values[name] === undefined);
    if (missing.length !== 1) return;
    const message =
      'is missing (an access key has an id and a secret; without both, profiles and roles are used)';
    context.addIssue({ code: 'custom', path: missing, message });
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

export type Environment = z.output<typeof environmentSchema>;
