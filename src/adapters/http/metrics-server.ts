import { once } from 'node:events';
import { createServer } from 'node:http';
import { METRICS } from '../../domain/metrics.ts';
import { mergeExpositions, type ProcessMetrics } from './merge-expositions.ts';

/** A process of the worker, as the one that serves its metrics knows it. */
export interface MeasuredProcess {
  /** From 1 on. */
  readonly number: number;
  /** Has started, and polls for work. */
  readonly isReady: boolean;
  /** Where it exposes its metrics; undefined before it has started. */
  readonly metricsUrl?: string | undefined;
  /** What its roles need and it has not found, a sentence each. */
  readonly lacks: readonly string[];
}

export interface MeasuredWorker {
  processes(): readonly MeasuredProcess[];
  isDraining(): boolean;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** Less than Prometheus waits for the whole answer, which is 10 s. */
const PROCESS_TIMEOUT_MS = 5_000;
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Serves `/metrics`, `/health` and `/ready` of a whole worker. Metrics name topics and models, and contain no data.
 *
 * @param host undefined: all addresses, because Prometheus and the probes of Kubernetes come from other machines
 * @throws the system's error when the port is taken
 */
export async function startMetricsServer(
  { port, host }: { readonly port: number; readonly host?: string | undefined },
  worker: MeasuredWorker,
) {
  const server = createServer((request, response) => {
    void answer(request.url ?? '/', worker).then(({ status, body, type = 'text/plain; charset=utf-8' }) => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    });
  });
  server.listen({ port, host });
  await once(server, 'listening');
  // The server must not keep a stopped worker's process alive.
  server.unref();
  return {
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(url: string, worker: MeasuredWorker): Promise<Answer> {
  const [path] = url.split('?');
  if (path === '/metrics') return { status: 200, body: await metricsOf(worker), type: EXPOSITION };
  if (path === '/health') return { status: 200, body: 'alive\n' };
  if (path === '/ready') {
    const reason = notReady(worker);
    return reason === undefined ? { status: 200, body: 'ready\n' } : { status: 503, body: `${reason}\n` };
  }
  return { status: 404, body: 'expected /metrics, /health or /ready\n' };
}

function notReady(worker: MeasuredWorker): string | undefined {
  if (worker.isDraining()) return 'draining: the worker was told to stop and takes no work';
  const processes = worker.processes();
  const waiting = processes.filter(({ isReady }) => !isReady).map(({ number }) => number);
  if (processes.length === 0) return 'starting';
  const lacks = processes.flatMap((process) => process.lacks);
  if (waiting.length === 0) return lacks.length === 0 ? undefined : lacks.join('\n');
  return `${waiting.length} of ${processes.length} processes have not started: number ${waiting.join(', ')}`;
}

async function metricsOf(worker: MeasuredWorker): Promise<string> {
  const found = await Promise.all(
    worker.processes().map(async ({ number, isReady, metricsUrl }): Promise<ProcessMetrics> => {
      const text = isReady && metricsUrl !== undefined ? await fetchText(metricsUrl) : undefined;
      return { number, text };
    }),
  );
  const up = found.map(
    ({ number, text }) => `imdb_process_up{process="${number}"} ${text === undefined ? 0 : 1}`,
  );
  const { help, kind } = METRICS.imdb_process_up;
  return [
    `# HELP imdb_process_up ${help}`,
    `# TYPE imdb_process_up ${kind}`,
    ...up,
    mergeExpositions(found),
  ].join('\n');
}

/** Undefined when the process does not answer: it may be ending, and is started again. */
async function fetchText(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PROCESS_TIMEOUT_MS) });
    return response.ok ? await response.text() : undefined;
  } catch {
    return undefined;
  }
}
