import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createWebhookNotifier } from '../../../../src/adapters/http/webhook-notifier.ts';
import type { NotifySettings } from '../../../../src/config/notify-settings.ts';
import { NotificationError } from '../../../../src/domain/errors.ts';

const UI = 'http://localhost:8233/namespaces/default';
const settingsOf = (url: string): NotifySettings => ({
  url,
  format: { kind: 'cloudevents', secret: 'a secret of the signature' },
  events: [],
  noNewModelHours: undefined,
});
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
  return createWebhookNotifier(settingsOf(url), UI)
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

test.for([400, 413, 415, 422])('status %d is final, and says why', async (status) => {
  const origin = await receive((_, response) => response.writeHead(status).end('invalid_blocks'));
  const send = createWebhookNotifier(settingsOf(origin), UI).send(EVENT, new AbortController().signal);

  expect(await send).toContain(`expected an answer with status 2xx, got status ${status}: invalid_blocks`);
});

test.for([403, 404, 429, 500, 503])('status %d may change, so it is an error', async (status) => {
  const origin = await receive((_, response) => response.writeHead(status).end());

  expect(await failureOf(origin)).toBeInstanceOf(NotificationError);
});

test('Slack gets a short text with a link and what to do, and no markup of others', async () => {
  const bodies: string[] = [];
  const origin = await receive((request, response) => {
    void text(request).then((body) => {
      bodies.push(body);
      response.end('ok');
    });
  });
  const slack = createWebhookNotifier({ ...settingsOf(origin), format: { kind: 'slack' } }, UI);
  const message = `DatasetError: row 3 is <b> & more\n${'x'.repeat(9_000)}. What to do: Correct the file.`;
  const sent = await slack.send({ ...EVENT, workflowId: 'night <1>', message }, new AbortController().signal);

  expect(sent).toBeNull();
  const { text: shown } = JSON.parse(bodies[0] ?? '') as { text: string };
  expect(shown.split('\n')).toEqual([
    `:x: *Failed* <${UI}/workflows/night%20%3C1%3E/r/timeline|night &lt;1&gt;>`,
    expect.stringMatching(/^DatasetError: row 3 is &lt;b&gt; &amp; more x+$/) as unknown,
    '*What to do:* Correct the file.',
  ]);
  expect(shown.length).toBeLessThan(4_000);
});
