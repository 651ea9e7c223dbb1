import { once } from 'node:events';
import { createServer } from 'node:http';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createSchemaRegistry } from '../../../../src/adapters/schema-registry/registry.ts';
import { SchemaRefused, SchemaRegistryError } from '../../../../src/domain/errors.ts';

const SECRET = 'a secret of the registry';
const signal = new AbortController().signal;
const FILM = { type: 'record', name: 'Film', fields: [{ name: 'x', type: 'int' }] };

type Reply = readonly [status: number, body: unknown];

/** Answers by method and path; a path without an answer is unknown. */
async function serve(replies: Readonly<Record<string, Reply>>) {
  const asked: string[] = [];
  const logins = new Set<string | undefined>();
  const server = createServer((request, response) => {
    const line = `${request.method} ${request.url}`;
    asked.push(line);
    logins.add(request.headers.authorization);
    const [status, body] = replies[line] ?? [404, '<html>no such page</html>'];
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return {
    asked,
    logins,
    url,
    registry: createSchemaRegistry({ url, login: { key: 'user', secret: SECRET } }),
  };
}

function stored(schema: unknown, more: object = {}): Reply {
  return [200, { schema: JSON.stringify(schema), ...more }];
}

test('a schema is asked for once', async () => {
  const { registry, asked } = await serve({ 'GET /schemas/ids/7': stored(FILM) });

  expect(registry.find(7)).toBeUndefined();
  const reader = await registry.load(7, signal);
  await registry.load(7, signal);

  expect(reader.format === 'avro' && reader.decode(Uint8Array.of(0x0e))).toEqual({ x: 7 });
  expect(registry.find(7)).toBe(reader);
  expect(asked).toEqual(['GET /schemas/ids/7']);
});

test('types that a schema refers to are loaded with it, each once', async () => {
  const money = { type: 'record', name: 'Money', fields: [{ name: 'amount', type: 'int' }] };
  const cost = { type: 'record', name: 'Cost', fields: [{ name: 'net', type: 'Money' }] };
  const film = {
    type: 'record',
    name: 'Film',
    fields: ['Cost', 'Money'].map((type) => ({ name: type, type })),
  };
  const ofMoney = { name: 'Money', subject: 'mo/ney', version: 1 };
  const { registry, asked } = await serve({
    'GET /schemas/ids/7': stored(film, {
      references: [{ name: 'Cost', subject: 'cost', version: 2 }, ofMoney],
    }),
    'GET /subjects/cost/versions/2': stored(cost, { references: [ofMoney] }),
    'GET /subjects/mo%2Fney/versions/1': stored(money),
  });

  const reader = await registry.load(7, signal);

  expect(reader.format === 'avro' && reader.decode(Uint8Array.of(2, 4))).toEqual({
    Cost: { net: { amount: 1 } },
    Money: { amount: 2 },
  });
  expect(asked).toHaveLength(3);
});

test.for<[title: string, reply: Reply, reason: string]>([
  ['an unknown id', [404, { error_code: 40403, message: 'Schema not found' }], 'unknown schema id 7'],
  [
    'Protobuf',
    [200, { schema: 'syntax = "proto3";', schemaType: 'PROTOBUF' }],
    'type PROTOBUF, which is not read',
  ],
  ['Avro that is not valid', stored({ type: 'no such type' }), 'Avro schema of the record cannot be used'],
  ['Avro that is not JSON', [200, { schema: '{' }], 'Avro schema of the record cannot be used'],
])('%s is a fact about the record, not an outage', async ([, reply, reason]) => {
  const { registry } = await serve({ 'GET /schemas/ids/7': reply });
  const reader = await registry.load(7, signal);

  expect(reader).toMatchObject({
    format: 'none',
    reason: { what: expect.stringContaining(reason) as string },
  });
});

test('JSON Schema needs no decoder', async () => {
  const { registry } = await serve({ 'GET /schemas/ids/7': stored({}, { schemaType: 'JSON' }) });

  expect(await registry.load(7, signal)).toEqual({ format: 'json' });
});

test.for<[title: string, reply: Reply, message: RegExp]>([
  [
    'a wrong login',
    [401, { error_code: 401, message: 'Unauthorized' }],
    /status 401: Unauthorized\. .*SCHEMA_REGISTRY_KEY/,
  ],
  ['a missing permission', [403, 'denied'], /status 403: denied\. .*grant the permission/],
  ['an error of the registry', [500, { error_code: 50001, message: 'store' }], /status 500: store\. Retried/],
  ['a page that is no registry', [200, '<html>welcome</html>'], /status 200: <html>welcome/],
  ['a redirect', [302, ''], /SCHEMA_REGISTRY_URL/],
  ['an address without this schema’s page', [404, 'not here'], /SCHEMA_REGISTRY_URL is not the address/],
  ['a 404 of something else', [404, { error_code: 404, message: 'no route' }], /status 404: no route/],
])('%s is an outage, not a bad record', async ([, reply, message]) => {
  const { registry } = await serve({ 'GET /schemas/ids/7': reply });
  const loading = registry.load(7, signal);

  await expect(loading).rejects.toThrow(SchemaRegistryError);
  await expect(loading).rejects.toThrow(message);
  expect(registry.find(7)).toBeUndefined();
});

test('a registry that is away is an outage', async () => {
  const registry = createSchemaRegistry({ url: 'http://127.0.0.1:1', login: undefined });

  await expect(registry.load(7, signal)).rejects.toThrow(
    /cannot read schema 7 \[http:\/\/127\.0\.0\.1:1\]: .* got none: .*SCHEMA_REGISTRY_URL is its address/,
  );
});

test('a request ends with its activity', async () => {
  const { registry } = await serve({});
  const reason = new Error('cancelled');

  await expect(registry.load(7, AbortSignal.abort(reason))).rejects.toBe(reason);
});

test('a login is sent as basic authentication', async () => {
  const { registry, logins } = await serve({ 'GET /schemas/ids/7': stored(FILM) });
  await registry.load(7, signal);

  expect([...logins]).toEqual([`Basic ${Buffer.from(`user:${SECRET}`).toString('base64')}`]);
});

test('an answer that repeats the login does not show it', async () => {
  const basic = Buffer.from(`user:${SECRET}`).toString('base64');
  const { registry } = await serve({ 'GET /schemas/ids/7': [401, `Basic ${basic} is ${SECRET}`] });
  const failure = await registry.load(7, signal).catch((error: unknown) => error);

  const shown = inspect(failure, { depth: 10 });
  expect(shown).toContain('status 401');
  expect(shown).not.toContain(SECRET);
  expect(shown).not.toContain(basic);
});

test('a schema that is registered already is not registered again', async () => {
  const { registry, asked } = await serve({ 'POST /subjects/a1-value': [200, { id: 7 }] });

  expect(await registry.register('a1-value', '{}', signal)).toBe(7);
  expect(asked).toEqual(['POST /subjects/a1-value']);
});

test.for([40401, 40403])('a new schema is registered (%i)', async (code) => {
  const { registry } = await serve({
    'POST /subjects/a1-value': [404, { error_code: code, message: 'not found' }],
    'POST /subjects/a1-value/versions': [200, { id: 8 }],
  });

  expect(await registry.register('a1-value', '{}', signal)).toBe(8);
});

test('a schema that is not compatible is refused with the reason of the registry', async () => {
  const { registry } = await serve({
    'POST /subjects/a1-value': [404, { error_code: 40403, message: 'not found' }],
    'POST /subjects/a1-value/versions': [409, { error_code: 409, message: 'READER_FIELD_MISSING' }],
  });
  const registering = registry.register('a1-value', '{}', signal);

  await expect(registering).rejects.toThrow(SchemaRefused);
  await expect(registering).rejects.toThrow(/\[a1-value\].*READER_FIELD_MISSING/);
});

test('a login that may not register is an outage, which an operator can end', async () => {
  const { registry } = await serve({
    'POST /subjects/a1-value': [404, { error_code: 40401, message: 'not found' }],
    'POST /subjects/a1-value/versions': [403, { error_code: 40301, message: 'denied' }],
  });

  await expect(registry.register('a1-value', '{}', signal)).rejects.toThrow(SchemaRegistryError);
});
