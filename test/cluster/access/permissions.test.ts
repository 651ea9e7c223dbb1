import { expect, onTestFinished } from 'vitest';
import { NEEDED, type NeededPermission } from '../../../src/adapters/kafka/errors/permissions.ts';
import { createLogger } from '../../../src/adapters/logger.ts';
import type { Config } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { permitOnly } from '../../support/cluster/acls.ts';
import { test as base } from '../../support/cluster/cluster-test.ts';
import type { Cluster } from '../../support/cluster/cluster.ts';
import { settingsOf, USER } from '../../support/cluster/secured-listener.ts';
import { createRecordLog, publish, UNWATCHED, type RecordLog } from '../../support/log/record-log.ts';
import type { TestEnvironment } from '../../support/environment.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

const TOPICS = 'a1-';
const REFUSED_WITHIN_MS = 5 * 60_000;

interface SecuredLog {
  readonly log: RecordLog;
  readonly cluster: Cluster;
  readonly environment: TestEnvironment;
}

const test = base.extend(
  'secured',
  async ({ cluster, listeners, environment }, { onCleanup }): Promise<SecuredLog> => {
    const log = createRecordLog(settingsOf(cluster, listeners));
    onCleanup(() => log.close());
    return { log, cluster, environment };
  },
);

/** What a run does with Kafka. */
async function publishAndRead(log: RecordLog, topic: string): Promise<void> {
  await log.publisher.ensureTopics([topic]);
  const { partitions } = await publish(log, topic, 'row', 10);
  await log.reader.readRanges({ topic, ranges: partitions, onRecord: () => undefined, ...UNWATCHED });
}

/** A broker that learns of the permissions a moment later may refuse something else first. */
async function expectRefusal(
  { log, cluster, environment }: SecuredLog,
  permissions: readonly NeededPermission[],
  expected: RegExp,
): Promise<void> {
  await permitOnly(cluster, TOPICS, permissions);
  let last: unknown;
  await pollUntil(
    'the refusal',
    async () => {
      last = await publishAndRead(log, environment.newTopic()).catch((error: unknown) => error);
      return last instanceof Error && expected.test(last.message);
    },
    REFUSED_WITHIN_MS,
  ).catch(() => undefined);
  expect(last).toMatchObject({ name: 'AccessError', message: expect.stringMatching(expected) as unknown });
}

const EACH = NEEDED.flatMap(({ resource, operations }) =>
  operations.map((operation) => [operation, resource] as const),
);

/** A user who may write nothing at all is refused earlier. */
const ELSEWHERE: NeededPermission = { resource: 'topic', prefix: 'elsewhere-', operations: ['WRITE'] };

test.for(EACH)(
  'without %s on a %s, the error names both and the user',
  async ([operation, resource], { secured }) => {
    const permitted = NEEDED.map((needed): NeededPermission => {
      const operations = needed.operations.filter((one) => one !== operation);
      return needed.resource === resource ? { ...needed, operations } : needed;
    });

    await expectRefusal(
      secured,
      [...permitted, ELSEWHERE],
      new RegExp(`expected ${operation} on ${resource} \\S+ for User:${USER.username}, got`),
    );
  },
);

test.for<[what: string, permissions: readonly NeededPermission[], expected: RegExp]>([
  [
    'to write to any topic',
    NEEDED.map((needed) =>
      needed.resource === 'topic' ? { ...needed, operations: ['CREATE', 'READ'] } : needed,
    ),
    /expected WRITE on topic \S+ for User:imdb/,
  ],
  [
    'for the groups that read',
    NEEDED.map((needed) => (needed.resource === 'group' ? { ...needed, prefix: 'imdb-marker' } : needed)),
    /expected READ on group imdb-reader-\S+ for User:imdb/,
  ],
  ['at all', [], /expected READ on topic \S+ for User:imdb/],
])('a user without a permission %s is told so', async ([, permissions, expected], { secured }) => {
  await expectRefusal(secured, permissions, expected);
});

test('a run waits for a missing permission, then passes with those of the docs alone', async ({
  cluster,
  listeners,
  environment,
}) => {
  const { client, config, newId, newTopic } = environment;
  const securedConfig: Config = { ...config, kafka: settingsOf(cluster, listeners) };
  await permitOnly(cluster, TOPICS, []);
  const worker = await startWorker(securedConfig, createLogger({ level: 'error' }));
  onTestFinished(() => worker.shutdown());

  const run = await client.workflow.start(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args: [{ topic: newTopic(), forest: { trees: 2 } }],
  });
  const waiting = await pollUntil('the run to name what is missing', async () => {
    const { raw } = await run.describe();
    return raw.pendingActivities?.find(({ lastFailure }) => lastFailure);
  });
  expect(waiting.lastFailure?.applicationFailureInfo?.type).toBe('AccessError');
  expect(waiting.lastFailure?.message).toMatch(/expected READ on topic \S+ for User:imdb/);
  await permitOnly(cluster, TOPICS, NEEDED);

  const { rows, predicted } = (await run.result()) as PipelineResult;
  expect(rows.stream).toBeGreaterThan(0);
  expect(predicted).toBe(rows.stream);
});
