import { expect } from 'vitest';
import { championAlias, predictionsTopic, workflowType } from '../../../src/domain/names.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { FEW_ROWS } from '../../support/environment.ts';
import { readSettled } from '../../support/log/read-settled.ts';
import {
  failureOf,
  good,
  places,
  predictedPlaces,
  stop,
  test,
  untilPredicted,
} from '../../support/stream.ts';

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => good(i));

test('a stream follows the champion at micro-batches; predictions name their model', async ({
  environment,
  trained,
  createTopic,
  produce,
  startStream,
}) => {
  const { client, config, newId, newTopic, env } = environment;
  const topic = await createTopic(1);
  const model = championAlias('imdb-score');
  const stream = await startStream(newId(), { topic, model });
  await produce(topic, 0, rowsOf(25));
  const before = await untilPredicted(stream, 25);
  const old = trained.model.version;
  expect(before.model).toEqual({ version: old, follows: model });

  const args: [PipelineInputJson] = [
    {
      dataset: { path: 'films.csv' },
      quality: FEW_ROWS,
      topic: newTopic(),
      forest: { trees: 5 },
      promotion: { maxRmseIncrease: 1 },
    },
  ];
  const { promotion, model: next } = (await client.workflow.execute(workflowType.ratingPipeline, {
    workflowId: newId(),
    taskQueue: config.taskQueue,
    args,
  })) as PipelineResult;
  expect(promotion).toMatchObject({ change: 'promoted', champion: next.version });
  expect(next.version).not.toBe(old);
  await produce(topic, 0, rowsOf(25));
  const after = await untilPredicted(stream, 50);
  expect(after.model).toEqual({ version: next.version, follows: model });
  expect(after.recent.map((batch) => batch.model)).toEqual(expect.arrayContaining([old, next.version]));
  const { currentDetails } = await stream.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toContain(`model ${next.version}, follows imdb-score@champion`);

  // An operator rolls back.
  expect(await imdb(['models', 'rollback', 'imdb-score'], env)).toMatchObject({ exitCode: 0 });
  await produce(topic, 0, rowsOf(25));
  await untilPredicted(stream, 75);
  expect(await stop(stream)).toMatchObject({ predicted: 75, failed: [] });

  const versions = (await readSettled(environment, predictionsTopic(topic)))
    .map(({ value }) => JSON.parse(String(value)) as { modelVersion: string; source: { offset: number } })
    .sort((a, b) => a.source.offset - b.source.offset)
    .map(({ modelVersion }) => modelVersion);
  expect(versions).toEqual([old, next.version, old].flatMap((version) => Array<string>(25).fill(version)));
  expect(await predictedPlaces(environment, topic)).toEqual(places(0, 75));
});

test('a stream without a champion to follow fails at once and says what to do', async ({
  environment: { newId },
  createTopic,
  startStream,
}) => {
  const stream = await startStream(newId(), { topic: await createTopic(1), model: 'wine@champion' });
  const failure = await failureOf(stream.result());

  expect(failure.type).toBe('InvalidInput');
  expect(failure.message).toMatch(/no champion to score with \[wine@champion\].*promotion\.model "wine"/);
});

test('imdb stream start follows the champion by default', async ({
  environment: { env, newId },
  trained: _trained,
  createTopic,
  produce,
}) => {
  const topic = await createTopic(1);
  await produce(topic, 0, rowsOf(3));
  const start = ['stream', 'start', '--id', newId(), '--topic', topic, '--available-now', '--wait', '--json'];
  const [byDefault, unknown] = await Promise.all([
    imdb(start, env),
    imdb(['stream', 'start', '--id', newId(), '--model', 'wine@champion'], env),
  ]);

  expect(jsonOf(byDefault)).toMatchObject({ predicted: 3 });
  expect(byDefault.stderr).toMatch(/^model imdb-score@champion, now [0-9a-f]{12}\n/);
  expect(unknown.exitCode).toBe(2);
  expect(unknown.stderr).toMatch(
    /^imdb: no model "wine" on task queue .*"imdb models list" shows the registered ones$/,
  );
});
