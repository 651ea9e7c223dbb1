import { expect, onTestFinished } from 'vitest';
import { test } from '../../support/cluster/cluster-test.ts';
import { createSpreadTopic, moveLeaders } from '../../support/cluster/leaders.ts';
import { expectExactly } from '../../support/cluster/expect-exactly.ts';
import { publishWithRetries } from '../../support/cluster/publishing.ts';
import type { Api } from '../../support/cluster/tcp-proxy.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { createRecordLog, newRecords, publicationOf } from '../../support/log/record-log.ts';

const TRANSACTIONS = '__transaction_state';
const OFFSETS = '__consumer_offsets';
const PARTITIONS = 3;
/** Longer than a move takes on most machines: a slower one makes the test weaker, but not fail. */
const HELD_MS = 5_000;

test.for<readonly [what: string, topic: string, api: Api]>([
  ['the transaction coordinator moves between two sends', TRANSACTIONS, 'produce'],
  ['the transaction coordinator moves before the commit', TRANSACTIONS, 'txnOffsetCommit'],
  ['the group coordinator of the marker moves before it is written', OFFSETS, 'addOffsetsToTxn'],
  ['the group coordinator of the marker moves before the commit', OFFSETS, 'txnOffsetCommit'],
])('records are published once when %s', async ([, coordinated, api], { cluster, environment, admin }) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = environment.newTopic();
  await createSpreadTopic(admin, topic, PARTITIONS);
  // Creates the coordinators' topics, if this is the first publication.
  const before = newRecords('before', 10);
  const first = await publishWithRetries(log, publicationOf({ topic, records: before }));
  const rules = cluster.brokers.map(({ proxy }) =>
    proxy.disturb({ apis: [api], action: 'delay', ms: HELD_MS, times: 1 }),
  );
  const records = newRecords('row', 300);

  const publishing = publishWithRetries(log, publicationOf({ topic, records }));
  await pollUntil(`an answer to ${api}`, async () => rules.some(({ fired }) => fired() > 0));
  await moveLeaders(admin, coordinated);
  const { manifests } = await publishing;

  expect(rules.some(({ fired }) => fired() > 0)).toBe(true);
  await expectExactly(
    environment,
    topic,
    [...first.manifests, ...manifests],
    [...before, ...records].map(({ key }) => key),
  );
});
