import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { WorkflowHandle } from '@temporalio/client';
import { expect, inject, onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { connectTemporalClient } from '../../../src/adapters/temporal/client.ts';
import { loadConfig } from '../../../src/config.ts';
import { workflowType } from '../../../src/domain/names.ts';
import { outboxWorkflowId } from '../../../src/domain/notification/notification.ts';
import type { PipelineInputJson } from '../../../src/domain/run/pipeline-input.ts';
import { createAuthority } from '../../support/cluster/certificates.ts';
import { imdb } from '../../support/command/imdb-command.ts';
import { test, type TestEnvironment } from '../../support/environment.ts';
import { knownOf } from '../../support/known-workflow.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { startTlsProxy } from '../../support/tls-proxy.ts';
import { startWorker } from '../../support/worker/start-worker.ts';
import { directoryOf } from '../../support/store/directory-of.ts';

const authority = createAuthority('authority');
const client = authority.issue('client');

/** In each secret. Characters follow that JSON, URLs and base64 write in another way. */
const MARKER = 'planted-by-the-test';
const PLANTED = {
  KAFKA_SASL_PASSWORD: `${MARKER}-kafka "p\\ss" + wörd/=?&`,
  NOTIFY_SECRET: `${MARKER}-signature <secret> & more`,
  TEMPORAL_API_KEY: `${MARKER}-api-key/+="x"`,
  TEMPORAL_GRPC_META_X_TOKEN: `${MARKER}-metadata`,
} as const;
const PATH_TOKEN = `${MARKER}-path-token`;
const QUERY_TOKEN = `${MARKER} query/token`;

/** In a text, and in the three forms that base64 has, depending on what comes before. */
const SIGNS = [
  MARKER,
  ...[0, 1, 2].map((before) =>
    Buffer.from('-'.repeat(before) + MARKER)
      .toString('base64')
      .slice(4, -4),
  ),
  client.key.split('\n')[1] as string,
];

function leaksIn(places: ReadonlyMap<string, string>): string[] {
  return [...places].flatMap(([place, text]) =>
    SIGNS.filter((sign) => text.includes(sign)).map((sign) => {
      const at = text.indexOf(sign);
      return `${place}: ${text.slice(Math.max(0, at - 100), at + 100)}`;
    }),
  );
}

/** Answers a failed run's notification with all that it knows, as a receiver in debug mode does. */
async function startTalkativeReceiver(): Promise<string> {
  const server = createServer((request, response) => {
    const { url = '', headers } = request;
    const known = [url, decodeURIComponent(url), JSON.stringify(headers), PLANTED.NOTIFY_SECRET];
    const answer = [...known, Buffer.from(known.join(' ')).toString('base64')].join(' ');
    void text(request).then((event) => {
      if (event.includes('run.failed')) response.writeHead(500).end(answer);
      else response.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}/hooks/${PATH_TOKEN}?token=${encodeURIComponent(QUERY_TOKEN)}`;
}

/** Every setting that holds a secret holds a planted one. */
async function plant({ env, newId }: TestEnvironment): Promise<Record<string, string>> {
  const pem = async (name: string, text: string): Promise<string> => {
    const file = join(env['DATA_DIR'] ?? '', name);
    await writeFile(file, text);
    return file;
  };
  const apiKey = PLANTED.TEMPORAL_API_KEY;
  const certificate = authority.issue('temporal');
  const { KAFKA_SASL_PASSWORD: _, ...planted } = PLANTED;
  return {
    ...env,
    ...planted,
    TASK_QUEUE: newId(),
    TEMPORAL_ADDRESS: await startTlsProxy(inject('temporalAddress'), {
      certificate,
      clients: authority,
      apiKey,
    }),
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: await pem('ca.pem', authority.cert),
    TEMPORAL_TLS_CLIENT_CERT_PATH: await pem('client.pem', client.cert),
    TEMPORAL_TLS_CLIENT_KEY_PATH: await pem('client-key.pem', client.key),
    NOTIFY_WEBHOOK: await startTalkativeReceiver(),
    LOG_LEVEL: 'debug',
  };
}

test('no planted secret is in histories, logs, output, artifacts or reports', async ({ environment }) => {
  const { newId, newTopic, config, client: own } = environment;
  const env = await plant(environment);
  const sasl = {
    KAFKA_SASL_MECHANISM: 'PLAIN',
    KAFKA_SASL_USERNAME: 'user',
    KAFKA_SASL_PASSWORD: PLANTED.KAFKA_SASL_PASSWORD,
    // The broker's listener knows no logins.
    TASK_QUEUE: newId(),
  };
  const logs = await Promise.all(
    [env, { ...env, ...sasl }].map(async (settings, i) => {
      const { logLevel: level, secrets, ...rest } = loadConfig(settings);
      const file = join(directoryOf(config.data), `secrets-${i}.log`);
      const worker = await startWorker(
        { ...rest, logLevel: level, secrets },
        createLogger({ level, file, secrets }),
      );
      onTestFinished(() => worker.shutdown());
      return file;
    }),
  );
  const temporal = await connectTemporalClient(loadConfig(env).temporal);
  onTestFinished(temporal.close);
  const start = (taskQueue: string, input: PipelineInputJson): Promise<WorkflowHandle> =>
    temporal.client.workflow.start(workflowType.ratingPipeline, {
      workflowId: newId(),
      taskQueue,
      args: [{ topic: newTopic(), forest: { trees: 3 }, ...input }],
    });
  const queue = env['TASK_QUEUE'] ?? '';
  const completed = await start(queue, {});
  const failed = await start(queue, { dataset: { path: 'missing.csv' } });
  const refused = await start(sasl.TASK_QUEUE, {});
  const lastFailureOf = (handle: WorkflowHandle, type: string) =>
    pollUntil(`${type} to fail`, async () => {
      const found = await handle.describe().catch(() => undefined);
      return found?.raw.pendingActivities?.some(
        (activity) => activity.activityType?.name === type && activity.lastFailure,
      );
    });

  const waitedId = newId();
  const waited = imdb(['run', '--wait', '--set', 'dataset.path=missing.csv', '--id', waitedId], env);
  await completed.result();
  // These are retried: by then a failure has reached the server.
  const outbox = own.workflow.getHandle(outboxWorkflowId(queue));
  await expect(failed.result()).rejects.toThrow();
  await lastFailureOf(outbox, 'sendNotification');
  await lastFailureOf(refused, 'publishSplit');
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: cert = '', TEMPORAL_TLS_CLIENT_KEY_PATH: key = '' } = env;
  const tls = { KAFKA_SSL: 'true', KAFKA_SSL_CERT: cert, KAFKA_SSL_KEY: key };
  const commands: [args: string[], env: Record<string, string>][] = [
    [['explain', failed.workflowId], env],
    [['explain', refused.workflowId, '--json'], env],
    [['status', refused.workflowId], env],
    [['--verbose', 'dead-letters', 'list', 'a1'], { ...env, ...sasl }],
    [['--verbose', 'dead-letters', 'list', 'a1'], { ...env, ...sasl, ...tls }],
    [['--verbose', 'health'], { ...env, TASK_QUEUE: 'nobody' }],
    [['--verbose', 'health'], { ...env, TEMPORAL_API_KEY: `${PLANTED.TEMPORAL_API_KEY}-wrong` }],
    [['worker'], { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' }],
    [['health'], { ...env, NOTIFY_WEBHOOK: `https://user:${PATH_TOKEN}@example.com` }],
    [['health'], { ...env, KAFKA_BROKERS: `user:${PATH_TOKEN}@host:9092` }],
    [['health'], { ...env, TEMPORAL_API_KEY: `${PLANTED.TEMPORAL_API_KEY}\n` }],
  ];
  const places = new Map<string, string>();
  for (const [args, settings] of commands) {
    const { stdout, stderr } = await imdb(args, settings);
    places.set(`${places.size}: imdb ${args.join(' ')}`, `${stdout}\n${stderr}`);
  }
  const handles = [completed, failed, refused, own.workflow.getHandle(waitedId)];
  for await (const { workflowId } of own.workflow.list({ query: `TaskQueue = "${queue}"` })) {
    handles.push(own.workflow.getHandle(workflowId));
  }
  for (const handle of handles) places.set(handle.workflowId, await knownOf(handle));
  // On a slow machine they may have given up by now.
  for (const handle of handles) await handle.terminate().catch(() => undefined);
  places.set('imdb run --wait', (await waited).stderr);
  for (const file of logs) places.set(file, await readFile(file, 'utf8'));
  for (const uri of await environment.files.uris())
    places.set(uri, String(await environment.files.read(uri)));

  expect([...places].filter(([, text]) => text.trim() === '')).toEqual([]);
  expect(leaksIn(places)).toEqual([]);
  // The receiver's answer did reach the server and the log, without its secrets.
  expect(places.get(outbox.workflowId)).toContain('[secret]');
  expect(places.get(logs[0] ?? '')).toContain('[secret]');
});
