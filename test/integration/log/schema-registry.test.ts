import { randomUUID } from 'node:crypto';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { expect } from 'vitest';
import { deadLettersTopic, predictionsTopic, workflowType } from '../../../src/domain/names.ts';
import type { PipelineResult } from '../../../src/domain/run/step-results.ts';
import type { ContinuousInputJson } from '../../../src/domain/stream/stream-input.ts';
import { FEW_ROWS } from '../../support/environment.ts';
import { readSettled } from '../../support/log/record-log.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { java21, startApicurio } from '../../support/schema-registry/apicurio.ts';
import {
  deadLetterPlaces,
  failureOf,
  good,
  places,
  predictedPlaces,
  test as base,
  untilProgress,
} from '../../support/stream.ts';
import { awayAddress, detailsOf, prepareWorker, statesOf } from '../../support/trouble/trouble.ts';

const test = base
  .extend('registry', { scope: 'file' }, async ({}, { onCleanup }) => {
    if (java21 === undefined) throw new Error('a Schema Registry needs Java 21');
    const server = await startApicurio(java21);
    onCleanup(() => server.stop());
    const { address, path } = server;
    const url = `http://${address}${path}`;
    return { ...server, url, client: new SchemaRegistry({ host: url }) };
  })
  /** A worker that uses the registry, which can be away. */
  .extend('scoring', async ({ environment, trained, registry }) => {
    const { client, newId } = environment;
    const proxy = await awayAddress(registry.address);
    await proxy.open();
    const env = { SCHEMA_REGISTRY_URL: `http://${proxy.address}${registry.path}` };
    const { start, taskQueue, notified } = await prepareWorker(environment, env);
    await start();
    return {
      ...proxy,
      notified,
      taskQueue,
      stream: (topic: string, more: Partial<ContinuousInputJson> = {}) =>
        client.workflow.start(workflowType.scoreStream, {
          workflowId: newId(),
          taskQueue,
          args: [{ topic, model: trained.model, trigger: { intervalSeconds: 0.5 }, ...more }],
        }),
    };
  });

function avro(name: string, type: unknown): string {
  return JSON.stringify({ type: 'record', name, namespace: 'test', fields: [{ name: 'budget', type }] });
}

/** Of the frame that Confluent's serializers write. */
function framed(id: number, payload: Buffer): Buffer {
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(id, 1);
  return Buffer.concat([frame, payload]);
}

test.skipIf(java21 === undefined)(
  'a stream scores what Confluent’s serializers wrote, and says what it cannot read',
  async ({ environment, registry: { client, url }, createTopic, produce, scoring }) => {
    const topic = await createTopic(1);
    const subject = { subject: `${topic}-value` };
    const union = await client.register(
      { type: SchemaType.AVRO, schema: avro('Union', ['null', 'int', 'double']) },
      { subject: `${topic}-a` },
    );
    const decimal = await client.register(
      {
        type: SchemaType.AVRO,
        schema: avro('Decimal', { type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }),
      },
      { subject: `${topic}-b` },
    );
    const json = await client.register(
      { type: SchemaType.JSON, schema: '{"type":"object","properties":{"budget":{"type":"number"}}}' },
      subject,
    );
    const answer = await fetch(`${url}/subjects/${topic}-p/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        schemaType: 'PROTOBUF',
        schema: 'syntax = "proto3"; message Film { double budget = 1; }',
      }),
    });
    const { id: protobuf } = (await answer.json()) as { readonly id: number };
    await produce(topic, 0, [
      await client.encode(union.id, { budget: { double: 12.5 } }),
      await client.encode(union.id, { budget: { int: 1_000 } }),
      await client.encode(union.id, { budget: null }),
      await client.encode(decimal.id, { budget: Buffer.from([0x30, 0x39]) }),
      await client.encode(json.id, { budget: 3_000 }),
      good(4_000),
      framed(protobuf, Buffer.from([0, 9, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f])),
      framed(999_999, Buffer.from('{}')),
      framed(union.id, Buffer.from([4])),
    ]);

    const stream = await scoring.stream(topic, { trigger: 'available-now' });

    expect(await stream.result()).toMatchObject({ predicted: 5, deadLettered: 4 });
    const deadLetters = await readSettled(environment, deadLettersTopic(topic));
    const reasons = deadLetters.map(({ headers }) => String(headers?.['dead-letter.error-message']));
    for (const reason of [
      '"budget" is not a number',
      'record is of type PROTOBUF, which is not read',
      'record has the unknown schema id 999999',
      `record cannot be decoded [${topic}[0]@8]: expected a value of the Avro schema with id ${union.id}`,
    ])
      expect(reasons).toContainEqual(expect.stringContaining(reason));
  },
);

test.skipIf(java21 === undefined)(
  'a registry that is away in the middle of a stream loses and doubles nothing',
  async ({ environment, registry: { client }, createTopic, produce, scoring }) => {
    const topic = await createTopic(1);
    const register = (name: string) =>
      client.register(
        { type: SchemaType.AVRO, schema: avro(name, 'double') },
        { subject: `${topic}-${name}` },
      );
    const [first, second] = [await register('First'), await register('Second')];
    const values = (id: number, count: number) =>
      Promise.all(Array.from({ length: count }, (_, i) => client.encode(id, { budget: 100 * i })));
    const stream = await scoring.stream(topic);
    const until = (rows: number) =>
      untilProgress(
        environment.client,
        stream.workflowId,
        `${rows} predictions`,
        ({ predicted }) => predicted === rows,
      );
    await produce(topic, 0, await values(first.id, 10));
    await until(10);

    scoring.close();
    // Its schema is in memory.
    await produce(topic, 0, await values(first.id, 5));
    await until(15);
    await produce(topic, 0, [...(await values(second.id, 10)), good(1), ...(await values(first.id, 4))]);
    const details = await pollUntil('the stream to need attention', async () => {
      const text = await detailsOf(stream).catch(() => '');
      return /needs attention/i.test(text) && text;
    });
    expect(details).toContain(`SchemaRegistryError: cannot read schema ${second.id}`);
    await scoring.open();
    await until(30);

    await stream.signal('stop');
    expect(await stream.result()).toMatchObject({ predicted: 30, deadLettered: 0, lag: 0, failed: [] });
    expect(await predictedPlaces(environment, topic)).toEqual(places(0, 30));
    expect(await deadLetterPlaces(environment, topic)).toEqual([]);
    expect((await statesOf(stream)).slice(-3)).toEqual(['NeedsAttention', 'Running', 'Completed']);
    expect(await scoring.notified('run.needs-attention')).toMatchObject([
      { data: { activity: 'consumeMicroBatch', failure: 'SchemaRegistryError' } },
    ]);
  },
);

test.skipIf(java21 === undefined)(
  'a run writes with registered schemas, and nothing when the registry refuses them',
  async ({ environment, registry: { client, url }, scoring }) => {
    const { taskQueue } = scoring;
    const topic = environment.newTopic();
    // Values repeat: a column of different whole numbers would be an index, and no feature.
    const films = Array.from({ length: 60 }, (_, i) => ({
      budget: ((i * 7) % 60) * 1_000,
      likes: (i * i) % 37,
      year: 1_900 + ((i * i) % 41),
      imdb_score: (i % 90) / 10 + 1,
    }));
    const write = (name: string, columns: readonly (keyof (typeof films)[number])[]) =>
      environment.writeCsv(
        name,
        [columns, ...films.map((film) => columns.map((column) => film[column]))].join('\n'),
      );
    await write('few.csv', ['budget', 'likes', 'imdb_score']);
    await write('more.csv', ['budget', 'likes', 'year', 'imdb_score']);
    const run = (path: string) =>
      environment.client.workflow.execute(workflowType.ratingPipeline, {
        workflowId: `registry-${randomUUID()}`,
        taskQueue,
        args: [
          {
            dataset: { path },
            quality: FEW_ROWS,
            topic,
            forest: { trees: 1 },
            stream: { registerSchemas: true },
          },
        ],
      }) as Promise<PipelineResult>;

    const { model } = await run('few.csv');

    const stream = await scoring.stream(topic, {
      model,
      trigger: 'available-now',
      stream: { value: 'registry', registerSchemas: true },
    });
    // Before the topic is read: the reader adds records of its own.
    const scored: unknown = await stream.result();

    const rows = await readSettled(environment, topic);
    expect(scored).toMatchObject({ predicted: rows.length, deadLettered: 0 });
    const decoded = await Promise.all(
      rows.map(({ value }) => client.decode(value as Buffer) as Promise<unknown>),
    );
    expect(decoded[0]).toEqual({
      budget: expect.any(Number) as number,
      likes: expect.any(Number) as number,
      imdb_score: expect.any(Number) as number,
    });
    const predictions = await readSettled(environment, predictionsTopic(topic));
    const [prediction] = await Promise.all(
      predictions.map(({ value }) => client.decode(value as Buffer) as Promise<unknown>),
    );
    expect(prediction).toMatchObject({ source: { topic }, modelVersion: model.version });
    await fetch(`${url}/config/${topic}-value`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ compatibility: 'BACKWARD' }),
    });
    expect(await failureOf(run('more.csv'))).toMatchObject({ type: 'SchemaRefused' });
    expect(await readSettled(environment, topic)).toHaveLength(rows.length);
  },
);
