import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { test } from '../support/unit/temp-dir.ts';

const SASL = { KAFKA_SASL_MECHANISM: 'PLAIN', KAFKA_SASL_USERNAME: 'user', KAFKA_SASL_PASSWORD: 'secret-1' };

function failureOf(env: Readonly<Record<string, string>>): Error {
  try {
    loadConfig(env);
  } catch (error) {
    return error as Error;
  }
  throw new Error('loadConfig did not fail');
}

test('no secret is shown, whatever else is wrong', async ({ dir }) => {
  const toml = join(dir, 'temporal.toml');
  await writeFile(toml, '[profile.default]\napi_key = "secret-2"\naddress = nowhere\n');
  const env = {
    ...SASL,
    KAFKA_SASL_USERNAME: '',
    KAFKA_SSL: 'secret-3',
    KAFKA_SASL_MECHANISM: 'secret-4',
    KAFKA_BROKERS: 'user:secret-5@host',
    TEMPORAL_API_KEY: 'secret-6',
    TEMPORAL_CONFIG_FILE: toml,
  };
  const error = failureOf(env);

  expect(error.message).toContain('TEMPORAL_*');
  const shown = [error.message, error.stack, JSON.stringify(error), String(error.cause)].join('\n');
  expect(shown).not.toMatch(/secret-\d/);
});

test.for(['NOTIFY_WEBHOOK', 'TEMPORAL_UI_URL', 'SCHEMA_REGISTRY_URL'])(
  'credentials in %s are refused and not repeated',
  (name) => {
    for (const user of ['ops:t0ps3cret', 'ops-t0ps3cret', ':t0ps3cret', 'ops:%74t0ps3cret']) {
      const url = `https://${user}@example.com/T123`;
      const { message } = failureOf({ [name]: url, NOTIFY_WEBHOOK: url, NOTIFY_SECRET: 'x'.repeat(16) });

      expect(message).toContain(`${name} must not contain a user or password: remove the part before "@"`);
      expect(message).not.toMatch(/t0ps3cret|ops/);
    }
  },
);

test('an API key that no header can hold is refused and not repeated', () => {
  for (const key of ['secret-6\n', ' secret-6', 'secret 6', 'secret-6ü']) {
    const { message } = failureOf({ TEMPORAL_API_KEY: key });

    expect(message).toContain('TEMPORAL_API_KEY must be one line without spaces');
    expect(message).not.toContain('secret');
  }
});

test.for(['\n', '\\n'])('a key in place of the path of its file is not repeated: %j', (lineEnd) => {
  const pem = ['-----BEGIN PRIVATE KEY-----', 'base64+of/a//key', '-----END PRIVATE KEY-----'].join(lineEnd);
  const { message } = failureOf({
    KAFKA_SSL: 'true',
    KAFKA_SSL_CERT: pem,
    KAFKA_SSL_KEY: pem,
    TEMPORAL_TLS_CLIENT_CERT_PATH: pem,
    TEMPORAL_TLS_CLIENT_KEY_PATH: pem,
  });

  expect(message.match(/\[text of a PEM file, not its path\]/g)).toHaveLength(3);
  expect(message).not.toContain('base64');
});

test('an address with credentials is refused and not repeated', () => {
  const { message } = failureOf({ TEMPORAL_ADDRESS: 'ops:t0ps3cret@host:7233' });

  expect(message).toContain('TEMPORAL_ADDRESS must be host:port');
  expect(message).not.toContain('t0ps3cret');
});

test.for(['CERT', 'KEY'])('a client %s alone is an error, and not silently left out', (name) => {
  const env = { [`TEMPORAL_TLS_CLIENT_${name}_DATA`]: 'pem' };

  expect(failureOf(env).message).toContain('are needed together');
});

test('the configuration knows its secrets, whichever setting they come from', async ({ dir }) => {
  const key = join(dir, 'key.pem');
  await writeFile(key, '-----BEGIN PRIVATE KEY-----\nbase64-of-a-private-key\n-----END PRIVATE KEY-----\n');
  const { secrets } = loadConfig({
    ...SASL,
    NOTIFY_SECRET: 'secret-of-the-signature',
    SCHEMA_REGISTRY_URL: 'https://example.com',
    SCHEMA_REGISTRY_KEY: 'user',
    SCHEMA_REGISTRY_SECRET: 'secret-of-the-registry',
    NOTIFY_WEBHOOK: 'https://example.com/hook/path-secret-1?token=query-secret',
    TEMPORAL_API_KEY: 'secret-api-key',
    TEMPORAL_GRPC_META_X_TOKEN: 'secret-metadata',
    TEMPORAL_TLS_CLIENT_CERT_DATA: 'certificate',
    TEMPORAL_TLS_CLIENT_KEY_PATH: key,
  });

  expect(secrets).toEqual(
    expect.arrayContaining([
      'secret-1',
      'secret-of-the-signature',
      'secret-of-the-registry',
      'path-secret-1',
      'query-secret',
      'secret-api-key',
      'secret-metadata',
      'base64-of-a-private-key',
    ]),
  );
  expect(secrets.join()).not.toContain('PRIVATE KEY');
});
