import { createServer, connect, type Socket } from 'node:net';
import type { WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import getPort from 'get-port';
import { onTestFinished } from 'vitest';
import { createLogger } from '../../../src/adapters/logger.ts';
import { loadConfig, type Config } from '../../../src/config.ts';
import type { NotificationType } from '../../../src/domain/notification/notification.ts';
import type { WorkerOptions } from '../../../src/worker.ts';
import type { TestEnvironment } from '../environment.ts';
import { untilSent } from '../notification/outbox.ts';
import { startWebhookReceiver } from '../notification/webhook-receiver.ts';
import { startWorker } from '../worker/start-worker.ts';
import { directoryOf } from '../store/directory-of.ts';

/** Tests need not wait for half a minute. */
export const SOON_MS = 1_000;
/** How long a service stays away after that was noticed. `npm run test:away` takes five minutes. */
export const AWAY_MS = Number(process.env['IMDB_TEST_AWAY_SECONDS'] ?? 0) * 1_000;

export interface Notified {
  readonly type: string;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly message: string };
}

/** A task queue and a receiver of notifications that no other test uses. */
export async function prepareWorker(
  { client, env, newId }: TestEnvironment,
  more: Readonly<Record<string, string>> = {},
) {
  const { url, received } = await startWebhookReceiver();
  const taskQueue = newId();
  const config: Config = loadConfig({
    ...env,
    ...more,
    TASK_QUEUE: taskQueue,
    NOTIFY_WEBHOOK: url,
    NOTIFY_SECRET: 'a secret of the tests',
  });
  return {
    config,
    taskQueue,
    /** Everything that was posted so far, each once: a delivery may be repeated. */
    notified: async (type: NotificationType): Promise<Notified[]> => {
      await untilSent(client, taskQueue);
      const events = received.map(({ body }) => JSON.parse(body) as Notified & { readonly id: string });
      const once = new Map(events.map((event) => [event.id, event]));
      return [...once.values()].filter((event) => event.type.endsWith(type));
    },
    start: async (seams: WorkerOptions = { troubleAfterMs: SOON_MS }): Promise<void> => {
      const worker = await startWorker(
        config,
        createLogger({ level: 'error', file: `${directoryOf(config.data)}.log` }),
        seams,
      );
      onTestFinished(() => worker.shutdown());
    },
  };
}

/** Makes the attempts of an activity fail until it is fixed. */
export function breakActivity(name: string, error: () => Error) {
  let isFixed = false;
  const interceptor: ActivityInterceptorsFactory = ({ info }) => ({
    inbound: {
      async execute(input, next) {
        if (info.activityType === name && !isFixed) throw error();
        return next(input);
      },
    },
  });
  return {
    interceptor,
    fix: (): void => {
      isFixed = true;
    },
  };
}

/** An address of a server that is away unless it is open: then connections are passed on to it. */
export async function awayAddress(target: string) {
  const port = await getPort();
  const [host = '', targetPort = ''] = target.split(':');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(targetPort), host);
    for (const end of [socket, onward]) {
      sockets.add(end);
      end.on('error', () => undefined);
    }
    socket.pipe(onward).pipe(socket);
  });
  const close = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  onTestFinished(close);
  return {
    address: `127.0.0.1:${port}`,
    close,
    open: () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve)),
  };
}

/** The values of PipelineState that a workflow has had. */
export async function statesOf(handle: Pick<WorkflowHandle, 'fetchHistory'>): Promise<string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap((event) => {
    const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
    const payload = fields?.['PipelineState'];
    if (!payload) return [];
    return [defaultPayloadConverter.fromPayload<string>(payload)];
  });
}

/** The current details in the UI. */
export async function detailsOf(handle: Pick<WorkflowHandle, 'query'>): Promise<string> {
  const metadata = await handle.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
