import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { KafkaSettings } from '../../../src/config.ts';
import type { PipelineError } from '../../../src/domain/errors.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';
import { test } from '../../support/cluster/cluster-test.ts';
import type { Cluster } from '../../support/cluster/cluster.ts';
import { settingsOf, USER, type SecuredListeners } from '../../support/cluster/secured-listener.ts';
import { createRecordLog } from '../../support/log/record-log.ts';

/** What a person is promised. It takes two seconds here. */
const NAMED_WITHIN_MS = 30_000;

const stranger = createAuthority('another authority');
const SCRAM = { mechanism: 'scram-sha-512', ...USER } as const;

interface Row {
  readonly title: string;
  /** Replaces what a worker with the right settings has. */
  readonly change: (secured: SecuredListeners, cluster: Cluster) => Partial<KafkaSettings>;
  readonly type: 'AccessError' | 'BrokerError';
  readonly message: RegExp;
}

const LOGIN = /expected a user and password that the broker knows, got .*\. Correct KAFKA_SASL_USERNAME/;
const CLIENT = /expected a client certificate .*, got ERR_SSL_\w+: Connection error: sslv3 alert [a-z ]+ \(/;

function mutual({ authority }: SecuredListeners, cluster: Cluster, client?: object): Partial<KafkaSettings> {
  const brokers = cluster.brokers.map(({ addressOf }) => addressOf('MUTUAL'));
  return { brokers, ssl: { ca: authority.cert, ...client } };
}

const ROWS: readonly Row[] = [
  {
    title: 'a wrong password',
    change: () => ({ sasl: { ...SCRAM, password: 'wrong' } }),
    type: 'AccessError',
    message: LOGIN,
  },
  {
    title: 'a wrong password, sent as PLAIN',
    change: () => ({ sasl: { ...SCRAM, mechanism: 'plain', password: 'wrong' } }),
    type: 'AccessError',
    message: LOGIN,
  },
  {
    title: 'an unknown user',
    change: () => ({ sasl: { ...SCRAM, username: 'nobody' } }),
    type: 'AccessError',
    message: LOGIN,
  },
  {
    title: 'a mechanism that the listener does not offer',
    change: () => ({ sasl: { ...SCRAM, mechanism: 'scram-sha-256' } }),
    type: 'AccessError',
    message: /expected a listener that offers SCRAM-SHA-256, got UNSUPPORTED_SASL_MECHANISM/,
  },
  {
    title: 'an authority that Node does not know',
    change: () => ({ ssl: true }),
    type: 'AccessError',
    message: /from an authority that this worker trusts, got UNABLE_TO_VERIFY_\w+: .*Set KAFKA_SSL_CA/,
  },
  {
    title: 'another authority than the given one',
    change: () => ({ ssl: { ca: stranger.cert } }),
    type: 'AccessError',
    message: /from an authority that this worker trusts, got UNABLE_TO_VERIFY_\w+: .*Set KAFKA_SSL_CA/,
  },
  {
    title: 'an expired certificate',
    change: (secured, cluster) => settingsOf(cluster, secured, 'EXPIRED'),
    type: 'AccessError',
    message: /got CERT_HAS_EXPIRED: .* \(localhost:\d+\)\. Renew the certificate of the broker/,
  },
  {
    title: 'a certificate for another host',
    change: (secured, cluster) => settingsOf(cluster, secured, 'ELSEWHERE'),
    type: 'AccessError',
    message: /got ERR_TLS_CERT_ALTNAME_INVALID: .*DNS:kafka\.example/,
  },
  {
    title: 'no client certificate',
    change: (secured, cluster) => mutual(secured, cluster),
    type: 'AccessError',
    message: CLIENT,
  },
  {
    title: 'a client certificate of another authority',
    change: (secured, cluster) => mutual(secured, cluster, stranger.issue('worker')),
    type: 'AccessError',
    message: CLIENT,
  },
  {
    title: 'an expired client certificate',
    change: (secured, cluster) =>
      mutual(secured, cluster, secured.authority.issue('worker', { validUntil: new Date('2024-01-31') })),
    type: 'AccessError',
    message: CLIENT,
  },
  {
    title: 'no login where one is wanted',
    change: ({ authority }, { brokers }) => ({
      brokers: brokers.map(({ addressOf }) => addressOf('SECURED')),
      ssl: { ca: authority.cert },
    }),
    type: 'BrokerError',
    message: /check KAFKA_SSL and KAFKA_SASL_MECHANISM: the worker speaks TLS and does not log in/,
  },
  {
    title: 'TLS at a port without',
    change: ({ authority }, { addresses }) => ({ brokers: addresses, ssl: { ca: authority.cert } }),
    type: 'BrokerError',
    message: /check KAFKA_SSL and the ports of KAFKA_BROKERS: the worker speaks TLS/,
  },
  {
    title: 'no TLS at a port with it',
    change: () => ({ ssl: false }),
    type: 'BrokerError',
    message: /check KAFKA_SSL and KAFKA_SASL_MECHANISM: the worker speaks no TLS/,
  },
];

async function failureWith(settings: KafkaSettings): Promise<PipelineError> {
  const log = createRecordLog(settings);
  onTestFinished(() => log.close());
  return log.publisher.ensureTopics(['a1']).then(
    () => expect.unreachable('Kafka let the worker in'),
    (error: unknown) => error as PipelineError,
  );
}

const TITLED = ROWS.map((row) => [row.title, row] as const);

test.for(TITLED)('%s is named within 30 s', async ([, row], { cluster, listeners: secured }) => {
  const { change, type, message } = row;
  const { sasl, ...good } = settingsOf(cluster, secured);
  const changed = change(secured, cluster);
  const login = 'brokers' in changed ? changed.sasl : (changed.sasl ?? sasl);

  const startMs = Date.now();
  const failure = await failureWith({ ...good, ...changed, ...(login && { sasl: login }) });

  expect(Date.now() - startMs).toBeLessThan(NAMED_WITHIN_MS);
  expect(failure.name).toBe(type);
  expect(failure.message).toMatch(message);
  expect(JSON.stringify([failure.message, failure.stack])).not.toContain(USER.password);
});

test('a server that accepts connections and never answers is named within 30 s', async () => {
  const silent = createServer(() => undefined);
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as AddressInfo;

  const startMs = Date.now();
  const { name, message } = await failureWith({ brokers: [`127.0.0.1:${port}`], ssl: false });

  expect(Date.now() - startMs).toBeLessThan(NAMED_WITHIN_MS);
  expect(name).toBe('BrokerError');
  expect(message).toContain('check KAFKA_BROKERS');
});

test('a client certificate is a login by itself', async ({ cluster, listeners: secured }) => {
  const client = secured.authority.issue('worker');
  const settings = { ...settingsOf(cluster, secured, 'MUTUAL'), ...mutual(secured, cluster, client) };

  const { message } = await failureWith(settings);

  expect(message).toContain('expected READ on topic a1 for this worker, got TOPIC_AUTHORIZATION_FAILED');
});
