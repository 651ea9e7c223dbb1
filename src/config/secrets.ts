import type { ClientConnectConfig } from '@temporalio/envconfig';
import { secretsOfUrl } from '../domain/redaction.ts';
import type { Environment } from '../environment-schema.ts';
import { tracesOf } from './trace-settings.ts';

/** What no log, failure or output may show. */
export function secretsOf(
  values: Environment,
  { connectionOptions: { apiKey, metadata = {}, tls } }: ClientConnectConfig,
): string[] {
  const { KAFKA_SSL_KEY, NOTIFY_WEBHOOK } = values;
  const clientKey = typeof tls === 'object' ? tls?.clientCertPair?.key : undefined;
  return [
    values.AWS_SECRET_ACCESS_KEY,
    values.AWS_SESSION_TOKEN,
    values.KAFKA_SASL_PASSWORD,
    values.NOTIFY_SECRET,
    values.REPORT_TOKEN,
    values.MLFLOW_TRACKING_TOKEN,
    values.MLFLOW_TRACKING_PASSWORD,
    values.SCHEMA_REGISTRY_SECRET,
    ...(NOTIFY_WEBHOOK === undefined ? [] : secretsOfUrl(NOTIFY_WEBHOOK)),
    apiKey,
    ...Object.values(metadata),
    ...Object.values(tracesOf(values)?.headers ?? {}),
    ...(KAFKA_SSL_KEY ? linesOfKey(KAFKA_SSL_KEY) : []),
    ...(clientKey ? linesOfKey(Buffer.from(clientKey).toString()) : []),
  ].filter((secret) => typeof secret === 'string');
}

/** Without the lines that every PEM file has. */
function linesOfKey(pem: string): string[] {
  return pem.split(/\r?\n/).filter((line) => line.length >= 16 && !line.startsWith('-----'));
}
