import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { expect } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig } from '../../../src/config.ts';
import {
  predictionsTopic,
  registryQuery,
  registryUpdate,
  registryWorkflowId,
  workflowType,
} from '../../../src/domain/names.ts';
import type { RegistryEntry } from '../../../src/domain/registry/model-registry.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { minuteText } from '../../../src/domain/text.ts';
import { test } from '../../support/environment.ts';
import { readSettled } from '../../support/log/read-settled.ts';
import { openMlflowApi } from '../../support/mlflow/mlflow-api.ts';
import { HAS_MLFLOW, startMlflow } from '../../support/mlflow/mlflow-server.ts';
import { outboxDetails, untilSent } from '../../support/notification/outbox.ts';
import { startWebhookReceiver } from '../../support/notification/webhook-receiver.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { createSchedule, startedBy, triggerWithSkip } from '../../support/schedule.ts';
import { java21, startApicurio } from '../../support/schema-registry/apicurio.ts';
import { directoryOf } from '../../support/store/directory-of.ts';
import { AWAY_MS, awayAddress, SOON_MS, statesOf } from '../../support/trouble/trouble.ts';
import { startWorker } from '../../support/worker/start-worker.ts';

const FILMS = 600;
const CSV = 'films.csv';

/** The same films with more votes every night. */
function films(night: number): string {
  const rows = Array.from({ length: FILMS }, (_, i) => {
    const budget = (i * 7_919) % 1_000;
    const score = (budget / 125 + ((i * 31) % 10) / 10).toFixed(2);
    return `Film ${i},${((i * 104_729) % 5_000) + night},${budget},${score}`;
  });
  return ['title,votes,budget,imdb_score', ...rows].join('\n');
}

async function needsAttention(run: WorkflowHandle): Promise<void> {
  await pollUntil(`${run.workflowId} to need attention`, async () =>
    (await statesOf(run)).includes('NeedsAttention'),
  );
  await sleep(AWAY_MS);
}

test.skipIf(!HAS_MLFLOW || java21 === undefined)(
  'MLflow, registry and Slack tell one history, though each was away for a while',
  async ({ environment, onTestFinished }) => {
    const { client, env, newId, newTopic, writeCsv } = environment;
    const [mlflow, schemas] = await Promise.all([startMlflow(), startApicurio(java21 ?? '')]);
    onTestFinished(() => Promise.all([mlflow.stop(), schemas.stop()]).then(() => undefined));
    const [toMlflow, toSchemas] = [
      await awayAddress(new URL(mlflow.url).host),
      await awayAddress(schemas.address),
    ];
    const slack = { statuses: [200] };
    const receiver = await startWebhookReceiver(() => slack.statuses);
    const taskQueue = newId();
    const config = loadConfig({
      ...env,
      TASK_QUEUE: taskQueue,
      MLFLOW_TRACKING_URI: `http://${toMlflow.address}`,
      MLFLOW_EXPERIMENT_NAME: 'together',
      SCHEMA_REGISTRY_URL: `http://${toSchemas.address}${schemas.path}`,
      NOTIFY_WEBHOOK: receiver.url,
      NOTIFY_FORMAT: 'slack',
      NOTIFY_EVENTS: 'failed,needs-attention,recovered,promoted,kept',
    });
    const worker = await startWorker(
      config,
      createLogger({ level: 'error', file: `${directoryOf(config.data)}.log` }),
      { troubleAfterMs: SOON_MS },
    );
    onTestFinished(() => worker.shutdown());
    const model = `m-${randomUUID().slice(0, 8)}`;
    const topic = newTopic();
    const input = {
      topic,
      dataset: { path: CSV, key: 'title' },
      forest: { trees: 10 },
      promotion: { model, maxRmseIncrease: 1 },
      stream: { registerSchemas: true },
    } satisfies PipelineInputJson;
    const { handle: nightly } = await createSchedule({ ...environment, config }, { input });
    const trigger = async (night: number) => {
      await writeCsv(CSV, films(night));
      await triggerWithSkip(nightly);
      const ids = await pollUntil(`run ${night} of the schedule`, async () => {
        const started = await startedBy(nightly);
        return started.length === night && started;
      });
      return client.workflow.getHandle(ids.at(-1) ?? '');
    };

    await toSchemas.open();
    const first = await trigger(1);
    await needsAttention(first);
    await toMlflow.open();
    const firstResult = (await first.result()) as PipelineResult;

    toSchemas.close();
    const second = await trigger(2);
    await needsAttention(second);
    await toSchemas.open();
    const secondResult = (await second.result()) as PipelineResult;

    slack.statuses = [503];
    const worse = await client.workflow.start(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue,
      args: [{ ...input, forest: { trees: 1, maxDepth: 1 }, promotion: { model } }],
    });
    const worseResult = (await worse.result()) as PipelineResult;
    await pollUntil('the outbox to need attention', async () =>
      (await outboxDetails(client, taskQueue)).includes('Needs attention'),
    );
    await sleep(AWAY_MS);
    slack.statuses = [200];
    const registry = client.workflow.getHandle(registryWorkflowId(taskQueue, model));
    await registry.executeUpdate(registryUpdate.rollback, { args: [{ reason: 'too optimistic' }] });

    const results = [firstResult, secondResult, worseResult];
    const [one = '', two = '', three = ''] = results.map((result) => result.model.version);
    const history = await registry.query<readonly RegistryEntry[]>(registryQuery.history);
    expect(history.map((entry) => [entry.change, entry.model.version, entry.champion])).toEqual([
      ['promoted', one, one],
      ['promoted', two, two],
      ['kept', three, two],
      ['rolled back', one, one],
    ]);

    const inMlflow = openMlflowApi(mlflow.url);
    const described = await pollUntil('MLflow to follow', async () => {
      const found = await inMlflow.versions(model);
      const lines = found.flatMap(({ description = '' }) => description.split('\n').filter(Boolean));
      return lines.length >= history.length && lines;
    });
    expect(described.toSorted()).toEqual(
      history.map(({ at, change, reason }) => `${minuteText(at)} UTC, ${change}: ${reason}`).toSorted(),
    );
    await pollUntil('the alias to go back', async () => (await inMlflow.champion(model))?.version === '1');
    expect(await inMlflow.runs('together')).toHaveLength(3);
    expect(results.map(({ mlflow: logged }) => logged && 'version' in logged && logged.version)).toEqual([
      '1',
      '2',
      '3',
    ]);

    await untilSent(client, taskQueue);
    const messages = receiver.received
      .filter(({ status }) => status === 200)
      .map(({ body }) => (JSON.parse(body) as { readonly text: string }).text);
    const decisions = messages.filter((text) => /:trophy:|:shield:/.test(text));
    expect(decisions).toEqual([
      expect.stringMatching(new RegExp(`:trophy:.*\n.*${one}`)),
      expect.stringMatching(new RegExp(`:trophy:.*\n.*${two}`)),
      expect.stringMatching(new RegExp(`:shield:.*\n.*${two}`)),
      expect.stringMatching(new RegExp(`:trophy:.*\n.*${one}.*rolled back: too optimistic`)),
    ]);
    for (const run of [first, second]) {
      const told = messages.filter((text) => text.includes(`|${run.workflowId}>`));
      expect(told.filter((text) => text.startsWith(':warning:'))).toHaveLength(1);
      expect(told.filter((text) => text.startsWith(':white_check_mark:'))).toHaveLength(1);
    }

    const predictions = await readSettled(environment, predictionsTopic(topic));
    expect(predictions).toHaveLength(results.reduce((sum, { rows }) => sum + rows.stream, 0));
  },
);
