import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ConfigError, loadConfig } from '../../../src/config.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';
import { test } from '../../support/unit/temp-dir.ts';

const authority = createAuthority('films');
const client = authority.issue('worker');

async function writeFiles(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(dir, name), content);
}

function problemOf(env: Readonly<Record<string, string>>): string {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return expect.unreachable('the configuration was accepted');
}

test('a private authority and a client certificate reach the Kafka client', async ({ dir }) => {
  await writeFiles(dir, { 'ca.pem': authority.cert, 'cert.pem': client.cert, 'key.pem': client.key });
  const ca = { KAFKA_SSL: 'true', KAFKA_SSL_CA: join(dir, 'ca.pem') };
  const pair = { KAFKA_SSL_CERT: join(dir, 'cert.pem'), KAFKA_SSL_KEY: join(dir, 'key.pem') };

  expect(loadConfig(ca).kafka.ssl).toEqual({ ca: authority.cert });
  expect(loadConfig({ ...ca, ...pair }).kafka.ssl).toEqual({ ca: authority.cert, ...client });
  expect(loadConfig({ KAFKA_SSL: 'true' }).kafka.ssl).toBe(true);
});

const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'planted',
}) as string;

test.for<[variables: Readonly<Record<string, string>>, problem: string]>([
  [
    { KAFKA_SSL_CA: 'absent.pem' },
    'KAFKA_SSL_CA must be the path of a PEM file with a certificate: there is no',
  ],
  [{ KAFKA_SSL_CA: 'folder' }, 'KAFKA_SSL_CA must be the path of a PEM file with a certificate: it is a dir'],
  [
    { KAFKA_SSL_CA: 'text.pem' },
    'KAFKA_SSL_CA must be the path of a PEM file with a certificate: it has none',
  ],
  [
    { KAFKA_SSL_CA: 'key.pem' },
    'KAFKA_SSL_CA must be the path of a PEM file with a certificate: it has none',
  ],
  [
    { KAFKA_SSL_CERT: 'cert.pem', KAFKA_SSL_KEY: 'cert.pem' },
    'KAFKA_SSL_KEY must be the path of a PEM file with a private key: it has none',
  ],
  [
    { KAFKA_SSL_CERT: 'cert.pem', KAFKA_SSL_KEY: 'encrypted.pem' },
    'KAFKA_SSL_KEY must be the path of a PEM file with a private key: the key is encrypted',
  ],
  [{ KAFKA_SSL_CERT: 'cert.pem' }, 'KAFKA_SSL_KEY is missing (KAFKA_SSL_CERT is set)'],
  [{ KAFKA_SSL_KEY: 'key.pem' }, 'KAFKA_SSL_CERT is missing (KAFKA_SSL_KEY is set)'],
  [
    { KAFKA_SSL_CERT: 'cert.pem', KAFKA_SSL_KEY: 'other.pem' },
    'KAFKA_SSL_KEY is not the key of the certificate in KAFKA_SSL_CERT',
  ],
  [{ KAFKA_SSL: 'false', KAFKA_SSL_CA: 'cert.pem' }, 'KAFKA_SSL must be true (KAFKA_SSL_CA is set)'],
])(
  'a wrong TLS file is a ConfigError that names variable and reason: %j',
  async ([env, problem], { dir }) => {
    await mkdir(join(dir, 'folder'));
    await writeFiles(dir, {
      'text.pem': 'planted',
      'cert.pem': client.cert,
      'key.pem': client.key,
      'other.pem': authority.issue('other').key,
      'encrypted.pem': encrypted,
    });
    const files = Object.entries(env).filter(([name]) => name !== 'KAFKA_SSL');
    const paths = files.map(([name, file]): [string, string] => [name, join(dir, file)]);
    const message = problemOf({ KAFKA_SSL: 'true', ...env, ...Object.fromEntries(paths) });

    expect(message).toContain(`the environment has a problem:\n  - ${problem}`);
    expect(message).not.toContain('planted');
  },
);

test('a key in place of its path is not repeated', () => {
  const message = problemOf({ KAFKA_SSL: 'true', KAFKA_SSL_CERT: client.cert, KAFKA_SSL_KEY: client.key });

  for (const pem of [client.key, client.cert]) expect(message).not.toContain(pem.split('\n')[1]);
});
