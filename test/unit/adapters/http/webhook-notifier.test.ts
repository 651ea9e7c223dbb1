import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createWebhookNotifier } from '../../../../src/adapters/http/webhook-notifier.ts';
import { NotificationError } from '../../../../src/domain/errors.ts';

const SECRET = 'a secret of the signature';
const PATH = '/services/T123/path-secret-1?token=query%20secret';
const EVENT = {
  type: 'run.failed',
  id: 'a',
  time: '',
  workflowId: 'w',
  runId: 'r',
  message: 'm',
  facts: {},
} as const;

async function receive(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
}

async function failureOf(url: string): Promise<Error> {
  const signal = new AbortController().signal;
  return createWebhookNotifier({ url, secret: SECRET })
    .send(EVENT, signal)
    .then(
      () => new Error('nothing failed'),
      (error: unknown) => error as Error,
    );
}

test('what a receiver says is shown, but not the secrets of its URL', async () => {
  const origin = await receive((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://x');
    const base64 = Buffer.from(request.url ?? '').toString('base64');
    const text = `Cannot POST ${pathname}, token ${searchParams.get('token') ?? ''}, ${request.url ?? ''} ${base64}`;
    response.writeHead(404).end(text);
  });
  const failure = await failureOf(origin + PATH);

  expect(failure).toBeInstanceOf(NotificationError);
  expect(failure.message).toContain(
    `[${origin}]: expected an answer with status 2xx, got status 404: Cannot POST`,
  );
  const shown = inspect(failure, { depth: 10 });
  expect(shown).not.toMatch(/path-secret|query.{1,3}secret|T123/);
  expect(shown).not.toContain(Buffer.from(PATH).toString('base64').slice(4, 40));
});

test.for([
  'http://127.0.0.1:1',
  'http://no-such-host.invalid',
  'http://user:path-secret-1@127.0.0.1:1',
  'https://127.0.0.1:1',
])('why there is no answer is shown, but nothing of the URL but its origin: %s', async (base) => {
  const failure = await failureOf(base + PATH);

  expect(failure.message).toContain(
    `[${new URL(base).origin}]: expected an answer with status 2xx, got no answer:`,
  );
  expect(inspect(failure, { depth: 10 })).not.toMatch(/path-secret|query.{1,3}secret|T123/);
});

test('a redirect is not followed, and not shown', async () => {
  const origin = await receive((_, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/other-secret' }).end();
  });
  const failure = await failureOf(origin + PATH);

  expect(failure.message).toContain('no answer');
  expect(inspect(failure, { depth: 10 })).not.toMatch(/-secret/);
});

test('an endless answer ends after its beginning', async () => {
  const origin = await receive((_, response) => {
    response.writeHead(500);
    const write = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', write);
    write();
  });
  const failure = await failureOf(origin + PATH);

  expect(failure.message).toContain('got status 500: xxx');
  expect(failure.message.length).toBeLessThan(500);
});
