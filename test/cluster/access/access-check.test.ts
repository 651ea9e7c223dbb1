import { expect } from 'vitest';
import { checkAccess } from '../../../src/adapters/kafka/access-check.ts';
import { NEEDED } from '../../../src/adapters/kafka/errors/permissions.ts';
import { permitOnly } from '../../support/cluster/acls.ts';
import { test } from '../../support/cluster/cluster-test.ts';
import { settingsOf, USER } from '../../support/cluster/secured-listener.ts';
import { pollUntil } from '../../support/poll-until.ts';

const TOPICS = 'a1-';

test('the check names every missing permission, and none when all are there', async ({
  cluster,
  listeners,
  environment,
}) => {
  const settings = settingsOf(cluster, listeners);
  const topic = environment.newTopic();
  const missing = async () => (await checkAccess(settings, topic)).map(({ facts }) => facts.expected);
  const of = (permission: string) => `${permission} for User:${USER.username}`;

  await permitOnly(cluster, TOPICS, []);
  await pollUntil('the permissions to be gone', async () => {
    const m = await missing();
    process.stderr.write(JSON.stringify(m) + '\n');
    return m.length > 2;
  });
  expect(await missing()).toEqual([
    of('READ on group imdb-access-check'),
    of('WRITE on transactional id imdb-access-check'),
    of(`CREATE on topic ${topic}`),
    of(`READ on topic ${topic}`),
  ]);

  await permitOnly(cluster, TOPICS, [...NEEDED.filter(({ resource }) => resource !== 'topic')]);
  await pollUntil('WRITE to be named', async () => {
    const m = await missing();
    process.stderr.write(JSON.stringify(m) + '\n');
    return m.length === 3;
  });
  expect(await missing()).toContain(of(`WRITE on topic ${topic}`));

  await permitOnly(cluster, TOPICS, NEEDED);
  await pollUntil('nothing to be missing', async () => {
    const m = await missing();
    process.stderr.write(JSON.stringify(m) + '\n');
    return m.length === 0;
  });
  // It has created nothing.
  const admin = cluster.kafka.admin();
  await admin.connect();
  expect(await admin.listTopics()).not.toContain(topic);
  expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain('imdb-access-check');
  await admin.disconnect();
});
