import { expect, onTestFinished } from 'vitest';
import { test } from '../../support/cluster/cluster-test.ts';
import { untilLedByOthers } from '../../support/cluster/leaders.ts';
import {
  createRecordLog,
  keysOf,
  newRecords,
  newTopic,
  publicationOf,
  readSettled,
} from '../../support/log/record-log.ts';

test('a record that was published stays when one of three brokers is killed', async ({
  cluster,
  environment,
}) => {
  const log = createRecordLog(environment.config.kafka);
  onTestFinished(() => log.close());
  const topic = await newTopic(environment, log);
  await log.publisher.publishOnce(publicationOf({ topic, records: newRecords('row', 10) }));

  await cluster.brokers[0]?.kill();
  await untilLedByOthers(cluster.kafka, topic, 1);

  expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(newRecords('row', 10)));
});
