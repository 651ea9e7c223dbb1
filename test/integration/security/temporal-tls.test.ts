import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { connectTemporalClient } from '../../../src/adapters/temporal/client.ts';
import { loadConfig } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import { createAuthority, type Certificate } from '../../support/cluster/certificates.ts';
import { imdb } from '../../support/command/imdb-command.ts';
import { test as base, type TestEnvironment } from '../../support/environment.ts';
import { startTlsProxy, type TlsProxyOptions } from '../../support/tls-proxy.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

const YESTERDAY = new Date(Date.now() - 24 * 3_600_000);

const authority = createAuthority('the authority');
const stranger = createAuthority('a stranger');
const certificate = authority.issue('temporal');
const client = authority.issue('worker');
const expired = authority.issue('temporal', { validUntil: YESTERDAY });

interface Settings {
  readonly proxy: TlsProxyOptions;
  /** TEMPORAL_* */
  readonly env?: Readonly<Record<string, string>>;
  readonly clientCertificate?: Certificate;
}

/** The environment of a program that reaches the Temporal server through the proxy. */
const test = base.extend(
  'through',
  ({ environment }) =>
    async ({ proxy, env = {}, clientCertificate }: Settings): Promise<Record<string, string>> => ({
      ...environment.env,
      TEMPORAL_ADDRESS: await startTlsProxy(inject('temporalAddress'), proxy),
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: await writePem(environment, authority.cert),
      ...(clientCertificate && {
        TEMPORAL_TLS_CLIENT_CERT_PATH: await writePem(environment, clientCertificate.cert),
        TEMPORAL_TLS_CLIENT_KEY_PATH: await writePem(environment, clientCertificate.key),
      }),
      ...env,
    }),
);

async function writePem({ env, newId }: TestEnvironment, pem: string): Promise<string> {
  const file = join(env['DATA_DIR'] ?? '', `${newId()}.pem`);
  await writeFile(file, pem);
  return file;
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing failed'),
    (error: unknown) => error as Error,
  );
}

test('a run passes through TLS with a client certificate and an API key', async ({
  environment,
  through,
}) => {
  const apiKey = 'the-right-key';
  const env = await through({
    proxy: { certificate, clients: authority, apiKey },
    clientCertificate: client,
    env: { TEMPORAL_API_KEY: apiKey },
  });
  const taskQueue = environment.newId();
  const config = loadConfig({ ...env, TASK_QUEUE: taskQueue });
  const worker = await startWorker(config, createLogger({ level: 'error' }));
  const connected = await connectTemporalClient(config.temporal);
  try {
    const args = [{ topic: environment.newTopic(), forest: { trees: 3 } }];
    const options = { workflowId: environment.newId(), taskQueue, args };
    const result: unknown = await connected.client.workflow.execute(workflowType.ratingPipeline, options);

    expect(result).toHaveProperty('model.version');
  } finally {
    await connected.close();
    await worker.shutdown();
  }
});

test.for<[string, Settings, RegExp]>([
  [
    'an expired certificate',
    { proxy: { certificate: expired } },
    /certificate of the Temporal server is not valid now .*expected a certificate of today, got one from .* to .* \(CERT_HAS_EXPIRED\)\. Renew it/,
  ],
  [
    'a certificate of another host',
    { proxy: { certificate: authority.issue('temporal', { hosts: ['elsewhere.example'] }) } },
    /is of another host .*expected 127\.0\.0\.1, got DNS:elsewhere\.example \(ERR_TLS_CERT_ALTNAME_INVALID\)\. .*TEMPORAL_TLS_SERVER_NAME/,
  ],
  [
    'a certificate of an unknown authority',
    { proxy: { certificate: stranger.issue('temporal') } },
    /is of an unknown authority .*got "a stranger" \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\)\. Set TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
  ],
  [
    'a missing client certificate',
    { proxy: { certificate, clients: authority } },
    /does not accept the client certificate .*got none \(.*\)\. Set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH/,
  ],
  [
    'a client certificate of an unknown authority',
    { proxy: { certificate, clients: authority }, clientCertificate: stranger.issue('worker') },
    /does not accept the client certificate .*got CN=worker of CN=a stranger, valid until/,
  ],
  [
    'an expired client certificate',
    {
      proxy: { certificate, clients: authority },
      clientCertificate: authority.issue('worker', { validUntil: YESTERDAY }),
    },
    /does not accept the client certificate .*got CN=worker of CN=the authority, valid until/,
  ],
  [
    'a client key of another certificate',
    {
      proxy: { certificate, clients: authority },
      clientCertificate: { cert: client.cert, key: authority.issue('other').key },
    },
    /client certificate for the Temporal server cannot be used .*got ERR_OSSL_X509_KEY_VALUES_MISMATCH\. Correct TEMPORAL_TLS_CLIENT_CERT_PATH/,
  ],
  [
    'a wrong API key',
    { proxy: { certificate, apiKey: 'the-right-key' }, env: { TEMPORAL_API_KEY: 'the-wrong-key' } },
    /does not accept the credentials .*expected an API key .*got one that it refuses .*Request unauthorized.*\. Correct TEMPORAL_API_KEY/,
  ],
  [
    'a missing API key',
    { proxy: { certificate, apiKey: 'the-right-key' } },
    /does not accept the credentials .*got none .*Correct TEMPORAL_API_KEY/,
  ],
  [
    'TLS that only the server uses',
    { proxy: { certificate }, env: { TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_CA_CERT_PATH: '' } },
    /the Temporal server uses TLS .*Set TEMPORAL_TLS=true/,
  ],
  [
    'TLS that only the client uses',
    { proxy: { certificate }, env: { TEMPORAL_ADDRESS: inject('temporalAddress') } },
    /the Temporal server does not use TLS .*expected TLS.* Correct the port in TEMPORAL_ADDRESS/,
  ],
])('%s is named by the worker and by commands', async ([, settings, expected], { through }) => {
  const config = loadConfig(await through(settings));
  const { connect } = config.temporal;
  // Shorter than the default; no certificate gets better by waiting.
  const connectionOptions = { ...connect.connectionOptions, connectTimeout: '3s' };
  const temporal = { ...config.temporal, connect: { ...connect, connectionOptions } };

  const [ofCommand, ofWorker] = await Promise.all([
    failureOf(connectTemporalClient(temporal)),
    failureOf(startWorker(config, createLogger({ level: 'silent' }))),
  ]);

  for (const { name, message } of [ofCommand, ofWorker]) {
    expect([name, message]).toEqual(['TemporalAccessError', expect.stringMatching(expected)]);
    expect(message).not.toContain('the-wrong-key');
  }
});

test('run, health and worker end with one line that says so, and exit code 2', async ({ through }) => {
  const env = await through({ proxy: { certificate: expired } });
  const ends = await Promise.all([['run'], ['health'], ['worker']].map((args) => imdb(args, env)));

  for (const { exitCode, stderr } of ends) {
    expect(stderr.split('\n').at(-1)).toMatch(
      /^imdb: the certificate of the Temporal server is not valid now .*CERT_HAS_EXPIRED/,
    );
    expect(exitCode).toBe(2);
  }
});
