import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import {
  startMetricsServer,
  type MeasuredProcess,
  type MeasuredWorker,
} from '../../../../src/adapters/http/metrics-server.ts';
import { freeMetricsAddress } from '../../../../src/worker/metrics.ts';

async function serve(worker: MeasuredWorker) {
  const [, port = ''] = (await freeMetricsAddress()).split(':');
  const server = await startMetricsServer({ port: Number(port), host: '127.0.0.1' }, worker);
  onTestFinished(() => server.close());
  return async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, text: await response.text() };
  };
}

async function serveText(text: string): Promise<string> {
  const server = createServer((_, response) => response.end(text)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a worker is ready when all of its processes are, until it drains', async () => {
  let processes: readonly MeasuredProcess[] = [];
  let isDraining = false;
  const get = await serve({ processes: () => processes, isDraining: () => isDraining });

  expect(await get('/ready')).toEqual({ status: 503, text: 'starting\n' });
  processes = [
    { number: 1, isReady: true, lacks: [] },
    { number: 2, isReady: false, lacks: [] },
  ];
  expect(await get('/ready')).toEqual({
    status: 503,
    text: '1 of 2 processes have not started: number 2\n',
  });
  processes = processes.map(({ number }) => ({ number, isReady: true, lacks: [] }));
  expect(await get('/ready')).toEqual({ status: 200, text: 'ready\n' });
  isDraining = true;
  const draining = await get('/ready');
  expect(draining.status).toBe(503);
  expect(draining.text).toMatch(/^draining/);
  expect((await get('/health')).status).toBe(200);
  expect((await get('/')).status).toBe(404);
});

test('a worker that lacks something is alive, and not ready with what it lacks', async () => {
  const lacks = ['cannot read the data directory [/data]: got ENOENT', 'cannot write and read the store'];
  const get = await serve({
    processes: () => [
      { number: 1, isReady: true, lacks },
      { number: 2, isReady: true, lacks: [] },
    ],
    isDraining: () => false,
  });

  expect(await get('/ready')).toEqual({ status: 503, text: `${lacks.join('\n')}\n` });
  expect((await get('/health')).status).toBe(200);
});

test('a process that does not answer is down, and the others are still measured', async () => {
  const metricsUrl = await serveText('# TYPE rows counter\nrows 7\n');
  const gone = `http://${await freeMetricsAddress()}`;
  const get = await serve({
    processes: () => [
      { number: 1, isReady: true, metricsUrl, lacks: [] },
      { number: 2, isReady: true, metricsUrl: gone, lacks: [] },
    ],
    isDraining: () => false,
  });

  const { status, text } = await get('/metrics');

  expect(status).toBe(200);
  expect(text).toContain('imdb_process_up{process="1"} 1');
  expect(text).toContain('imdb_process_up{process="2"} 0');
  expect(text).toContain('rows{process="1"} 7');
});
