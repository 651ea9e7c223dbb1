import { expect, onTestFinished } from 'vitest';
import { test } from '../../support/cluster/cluster-test.ts';
import { createSpreadTopic } from '../../support/cluster/leaders.ts';
import { expectExactly } from '../../support/cluster/expect-exactly.ts';
import { publishWithRetries } from '../../support/cluster/publishing.ts';
import type { Api, Disturbance } from '../../support/cluster/tcp-proxy.ts';
import { createRecordLog, newRecords, publicationOf } from '../../support/log/record-log.ts';

const PARTITIONS = 3;
const PUBLISHING: readonly Api[] = [
  'initProducerId',
  'addPartitionsToTxn',
  'produce',
  'addOffsetsToTxn',
  'txnOffsetCommit',
  'endTxn',
];

test.for<readonly [api: Api, action: Disturbance['action']]>([
  ...PUBLISHING.map((api) => [api, 'cut'] as const),
  // Each of these takes the 30 s after which a request times out.
  ['produce', 'stall'],
  ['endTxn', 'stall'],
])(
  'records are published once when the answer to %s is lost: %s',
  async ([api, action], { cluster, environment, admin }) => {
    const log = createRecordLog(environment.config.kafka);
    onTestFinished(() => log.close());
    const topic = environment.newTopic();
    await createSpreadTopic(admin, topic, PARTITIONS);
    const rule = { apis: [api], times: 1, ...(action === 'delay' ? { action, ms: 0 } : { action }) };
    // Broker 1 leads partition 0; any may be the coordinator.
    const brokers = api === 'produce' ? cluster.brokers.slice(0, 1) : cluster.brokers;
    const rules = brokers.map(({ proxy }) => proxy.disturb(rule));
    const records = newRecords('row', 300);

    const { manifests } = await publishWithRetries(log, publicationOf({ topic, records }));

    expect(rules.some(({ fired }) => fired() > 0)).toBe(true);
    await expectExactly(
      environment,
      topic,
      manifests,
      records.map(({ key }) => key),
    );
  },
);
