import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { checkAccess } from '../../../src/adapters/kafka/access-check.ts';
import { NEEDED } from '../../../src/adapters/kafka/errors/permissions.ts';
import { deadLettersTopic, predictionsTopic } from '../../../src/domain/names.ts';
import { permitOnly } from '../../support/cluster/acls.ts';
import { test } from '../../support/cluster/cluster-test.ts';
import { settingsOf, USER } from '../../support/cluster/secured-listener.ts';
import { imdb, startImdb } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const TOPICS = 'a1-';

test('the check names every missing permission, and creates nothing', async ({
  cluster,
  listeners,
  environment,
}) => {
  const topic = environment.newTopic();
  const topics = [topic, predictionsTopic(topic), deadLettersTopic(topic)];
  const of = (permission: string) => `${permission} for User:${USER.username}`;
  const untilMissing = (expected: readonly string[]) =>
    pollUntil(`${expected.join(', ') || 'nothing'} to be missing`, async () => {
      const missing = await checkAccess(settingsOf(cluster, listeners), topic);
      return missing.map(({ facts }) => facts.expected).join() === expected.map(of).join();
    });

  await permitOnly(cluster, TOPICS, []);
  await untilMissing([
    'READ on group imdb-access-check',
    'WRITE on transactional id imdb-access-check',
    ...topics.flatMap((name) => [`CREATE on topic ${name}`, `READ on topic ${name}`]),
  ]);
  await permitOnly(
    cluster,
    TOPICS,
    NEEDED.filter(({ resource }) => resource !== 'topic'),
  );
  await untilMissing(
    topics.flatMap((name) => ['CREATE', 'READ', 'WRITE'].map((operation) => `${operation} on topic ${name}`)),
  );
  await permitOnly(cluster, TOPICS, NEEDED);
  await untilMissing([]);

  const admin = cluster.kafka.admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  const { groups } = await admin.listGroups();
  expect(await admin.listTopics()).not.toContain(topic);
  expect(groups.map(({ groupId }) => groupId)).not.toContain('imdb-access-check');
});

test('imdb health and a starting worker say what is wrong with the login', async ({
  cluster,
  listeners,
  environment,
  worker: _worker,
}) => {
  const authority = join(directoryOf(environment.config.data), 'authority.pem');
  await writeFile(authority, listeners.authority.cert);
  const env = {
    ...environment.env,
    KAFKA_BROKERS: settingsOf(cluster, listeners).brokers.join(','),
    KAFKA_SSL: 'true',
    KAFKA_SSL_CA: authority,
    KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
    KAFKA_SASL_USERNAME: USER.username,
    KAFKA_SASL_PASSWORD: USER.password,
  };
  const wrong = { ...env, KAFKA_SASL_PASSWORD: 'wrong' };
  await permitOnly(cluster, TOPICS, NEEDED);
  const topic = environment.newTopic();
  await pollUntil('the permissions to be known', async () => {
    return (await checkAccess(settingsOf(cluster, listeners), topic)).length === 0;
  });

  const [good, elsewhere, refused, unasked] = await Promise.all([
    imdb(['health', '--topic', topic], env),
    imdb(['health', '--topic', 'films'], env),
    imdb(['health'], wrong),
    imdb(['health', '--no-kafka'], wrong),
  ]);
  const exitCodes = [good, elsewhere, refused, unasked].map(({ exitCode }) => exitCode);
  expect(exitCodes).toEqual([0, 2, 2, 0]);
  expect(good.stdout).toContain(`lets this worker in and to topic "${topic}"`);
  expect(elsewhere.stderr).toContain('CREATE on topic films');
  expect(refused.stderr).toContain('KAFKA_SASL_PASSWORD');

  let log = '';
  const worker = startImdb(['worker'], wrong);
  onTestFinished(() => void worker.kill('SIGKILL'));
  worker.stderr.on('data', (data: Buffer) => (log += data.toString()));
  await pollUntil('the worker to start without its login', async () => log.includes('worker started'));
  await pollUntil('the worker to say why', async () =>
    log.includes('a user and password that the broker knows'),
  );
  expect(worker.exitCode).toBeNull();
});
