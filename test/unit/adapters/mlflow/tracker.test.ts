import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import getPort from 'get-port';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMlflowTracker, noTracker } from '../../../../src/adapters/mlflow/tracker.ts';
import { AccessError, MlflowError, MlflowRefused } from '../../../../src/domain/errors.ts';

const TOKEN = 'token-of-the-tests';
const RUN = { run: 'nightly/0a1b', url: 'http://localhost:8233', startedAt: '2026-11-30T02:00:00.000Z' };
const EXPERIMENT = { experiment: { experiment_id: '7', lifecycle_stage: 'active' } };

interface Reply {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Received {
  /** `POST runs/create` */
  readonly call: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly authorization: string | undefined;
}

/** A server that answers as it is told, by `POST runs/create`; anything else gets an empty object. */
async function startServer(replies: Readonly<Record<string, Reply | readonly Reply[]>>) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void answer(request).then(({ status = 200, body, headers = {} }) => {
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  async function answer(request: IncomingMessage): Promise<Reply> {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const call = `${request.method} ${pathname.replace('/api/2.0/mlflow/', '')}`;
    const sent = await text(request);
    const earlier = received.filter((one) => one.call === call).length;
    const body = sent.startsWith('{') ? (JSON.parse(sent) as Received['body']) : {};
    received.push({ call, body, authorization: request.headers.authorization });
    const reply = replies[call] ?? { body: {} };
    return Array.isArray(reply) ? (reply[Math.min(earlier, reply.length - 1)] as Reply) : (reply as Reply);
  }
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, received };
}

function open(url: string, authorization: string | undefined = `Bearer ${TOKEN}`) {
  const tracker = createMlflowTracker({ url, experiment: 'imdb', authorization });
  return tracker.open(RUN, new AbortController().signal);
}

async function failureOf(opening: Promise<unknown>): Promise<Error> {
  return opening.then(
    () => new Error('nothing failed'),
    (error: unknown) => error as Error,
  );
}

const FIND = 'GET experiments/get-by-name';
const HTML = { body: '<!doctype html><title>Log in</title>' };

describe('a request to MLflow', () => {
  test.for<[what: string, reply: Reply, type: new (...args: never[]) => Error, message: string]>([
    ['a wrong token', { status: 401, body: 'no' }, AccessError, 'correct MLFLOW_TRACKING_TOKEN'],
    [
      'a missing permission',
      { status: 403, body: { error_code: 'PERMISSION_DENIED', message: 'not yours' } },
      AccessError,
      'PERMISSION_DENIED: not yours',
    ],
    ['an outage', { status: 503, body: 'busy' }, MlflowError, 'status 503: busy. Retried for an hour'],
    ['too many requests', { status: 429, body: {} }, MlflowError, 'status 429'],
    ['a page of another server', HTML, MlflowError, 'Correct MLFLOW_TRACKING_URI'],
    ['an old server', { ...HTML, status: 404 }, MlflowError, 'an MLflow tracking server, version 3 or later'],
    [
      'a value that MLflow does not take',
      { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'too long' } },
      MlflowRefused,
      'INVALID_PARAMETER_VALUE: too long',
    ],
    [
      'a conflict with another attempt',
      { status: 400, body: { error_code: 'BAD_REQUEST', message: 'UNIQUE constraint failed' } },
      MlflowError,
      'UNIQUE constraint failed',
    ],
    [
      'a deleted experiment',
      { body: { experiment: { experiment_id: '7', lifecycle_stage: 'deleted' } } },
      MlflowRefused,
      'mlflow experiments restore --experiment-id 7',
    ],
  ])('that meets %s fails by type, and says what to do', async ([, reply, type, message]) => {
    const { url } = await startServer({ [FIND]: reply });
    const failure = await failureOf(open(url));

    expect(failure).toBeInstanceOf(type);
    expect(failure.message).toContain(message);
    expect(inspect(failure, { depth: 10 })).not.toContain(TOKEN);
  });

  test('without a login names the settings of a login', async () => {
    const { url } = await startServer({ [FIND]: { status: 401, body: 'no' } });

    expect((await failureOf(open(url, ''))).message).toContain('MLFLOW_TRACKING_USERNAME');
  });

  test('to a server that is away is an outage, and names its origin only', async () => {
    const port = await getPort();
    const failure = await failureOf(open(`http://127.0.0.1:${port}/path-secret`));

    expect(failure).toBeInstanceOf(MlflowError);
    expect(failure.message).toMatch(
      /^MLflow does not answer \[http:\/\/127\.0\.0\.1:\d+\]: got .*ECONNREFUSED/,
    );
    expect(failure.message).not.toContain('path-secret');
  });

  test('that is sent elsewhere does not take the login along', async () => {
    const other = await startServer({});
    const { url, received } = await startServer({
      [FIND]: { status: 302, body: '', headers: { location: `${other.url}/login` } },
    });
    const failure = await failureOf(open(url));

    expect(failure).toBeInstanceOf(MlflowError);
    expect(received.map(({ authorization }) => authorization)).toEqual([`Bearer ${TOKEN}`]);
    expect(other.received).toEqual([]);
  });

  test('ends when the activity is cancelled', async () => {
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    const tracker = createMlflowTracker({ url, experiment: 'imdb', authorization: undefined });
    const controller = new AbortController();
    const opening = failureOf(tracker.open(RUN, controller.signal));
    await once(server, 'request');
    controller.abort(new Error('cancelled'));

    expect((await opening).message).toBe('cancelled');
  });
});

describe('a run in MLflow', () => {
  const info = (id: string) => ({
    info: { run_id: id, experiment_id: '7', artifact_uri: `mlflow-artifacts:/7/${id}/artifacts` },
  });

  test('that two attempts have made at once is the first one; the other is removed', async () => {
    const { url, received } = await startServer({
      [FIND]: { body: EXPERIMENT },
      'POST runs/search': [{ body: {} }, { body: { runs: [info('a'), info('b')] } }],
      'POST runs/create': { body: { run: info('b') } },
    });
    const { id } = await open(url);

    expect(id).toBe('a');
    expect(received.filter(({ call }) => call === 'POST runs/delete').map(({ body }) => body)).toEqual([
      { run_id: 'b' },
    ]);
  });

  test('keeps the parameters that it has, because MLflow refuses another value', async () => {
    const { url, received } = await startServer({
      'GET runs/get': { body: { run: { data: { params: [{ key: 'forest.trees', value: '100' }] } } } },
    });
    const tracker = createMlflowTracker({ url, experiment: 'imdb', authorization: undefined });
    const record = {
      ...RUN,
      id: 'a',
      experimentId: '7',
      recordUrl: '',
      artifactUri: 'mlflow-artifacts:/7/a',
    };
    const dataset = { name: 'a.csv', path: 'a.csv', sha256: 'd'.repeat(64), columns: ['budget'], rows: 2 };
    const params = { 'forest.trees': '50', 'forest.seed': '1' };
    await tracker.log(
      record,
      { params, metrics: {}, tags: {}, dataset, files: [] },
      new AbortController().signal,
    );

    const [first] = received.filter(({ call }) => call === 'POST runs/log-batch');
    expect(first?.body).toEqual({ run_id: 'a', params: [{ key: 'forest.seed', value: '1' }] });
  });

  test('whose files go elsewhere than to the server is refused, with the option', async () => {
    const { url } = await startServer({ 'GET runs/get': { body: { run: {} } } });
    const tracker = createMlflowTracker({ url, experiment: 'imdb', authorization: undefined });
    const record = { ...RUN, id: 'a', experimentId: '7', recordUrl: '', artifactUri: 's3://bucket/7/a' };
    const dataset = { name: 'a.csv', path: 'a.csv', sha256: 'd'.repeat(64), columns: [], rows: 0 };
    const files = [{ name: 'report.html', bytes: new Uint8Array() }];
    const facts = { params: {}, metrics: {}, tags: {}, dataset, files };
    const failure = await failureOf(tracker.log(record, facts, new AbortController().signal));

    expect(failure).toBeInstanceOf(MlflowRefused);
    expect(failure.message).toContain('--serve-artifacts');
  });
});

test('a worker without MLflow says which setting the others have', async () => {
  const { signal } = new AbortController();

  expect((await failureOf(noTracker.open(RUN, signal))).message).toContain('MLFLOW_TRACKING_URI');
  expect(await noTracker.follow({ name: 'm', champion: null, models: [] }, signal)).toEqual({ state: 'off' });
});
