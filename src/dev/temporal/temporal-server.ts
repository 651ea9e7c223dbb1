import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTES } from '../../domain/names.ts';
import { chooseLoopbackPort, LOOPBACK } from '../process/loopback-port.ts';
import { waitUntilReady } from '../process/readiness.ts';
import { startSupervised, type SupervisedProcess } from '../process/supervised-process.ts';

export interface TemporalServerOptions {
  /** The Temporal CLI: a path, or a name on PATH. */
  readonly binary: string;
  /** Holds the SQLite file and the log. A later start on it has all workflows again. */
  readonly stateDir: string;
  /** Fails if this port is in use. Default: 7233 if it is free, else any free port. */
  readonly port?: number | undefined;
  /** Fails if this port is in use. Default: 8233 if it is free, else any free port. */
  readonly uiPort?: number | undefined;
  /** Server settings, e.g. `limit.historyCount.suggestContinueAsNew`. */
  readonly dynamicConfig?: Readonly<Record<string, string | number | boolean>>;
}

export interface TemporalServer extends SupervisedProcess {
  readonly address: string;
  readonly uiUrl: string;
}

export const TEMPORAL_PORT = 7233;
export const TEMPORAL_UI_PORT = 8233;

const DYNAMIC_CONFIG = {
  // The dev server has one shard and reads its queue of transfer tasks at most 20 times a second. A workflow that runs
  // alone reaches that limit at every step: three activities take 200 ms, and 90 ms without the limit.
  'history.transferProcessorMaxPollRPS': 1000,
  // A worker that stops gets an answer to its open polls. Otherwise it drops them, and tasks that come with them are lost
  // until they time out.
  'frontend.enableCancelWorkerPollsOnShutdown': true,
};

/** A start takes 0.3 s, and a failed one is noticed by the exit: only a server that hangs reaches this limit. */
const START_TIMEOUT_MS = 5 * 60_000;
const PROBE_TIMEOUT_MS = 10_000;

export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { binary, stateDir, dynamicConfig = {} } = options;
  await mkdir(stateDir, { recursive: true });
  const port = await chooseLoopbackPort('Temporal', { wanted: options.port, preferred: TEMPORAL_PORT });
  const uiPort = await chooseLoopbackPort('Temporal UI', {
    wanted: options.uiPort,
    preferred: TEMPORAL_UI_PORT,
  });

  const server = await startSupervised({
    name: 'Temporal',
    command: binary,
    args: [
      'server',
      'start-dev',
      `--ip=${LOOPBACK}`,
      `--port=${port}`,
      `--ui-port=${uiPort}`,
      `--db-filename=${join(stateDir, 'temporal.sqlite')}`,
      // Ten times as fast as the defaults; a local server may lose its last writes in a power cut.
      '--sqlite-pragma=journal_mode=WAL',
      '--sqlite-pragma=synchronous=OFF',
      '--log-level=warn',
      '--ui-disable-news-fetch',
      ...Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `--search-attribute=${name}=${type}`),
      ...Object.entries({ ...DYNAMIC_CONFIG, ...dynamicConfig }).map(
        ([key, value]) => `--dynamic-config-value=${key}=${JSON.stringify(value)}`,
      ),
    ],
    logFile: join(stateDir, 'temporal.log'),
    pidFile: join(stateDir, 'temporal.pid'),
  });
  const address = `${LOOPBACK}:${port}`;
  await waitUntilReady('Temporal', server, () => probeTemporal(address), START_TIMEOUT_MS);
  return { ...server, address, uiUrl: `http://${LOOPBACK}:${uiPort}` };
}

/** Rejects unless the frontend answers, has the namespace `default`, and its visibility store answers. */
export async function probeTemporal(address: string): Promise<void> {
  // Takes a while to load: the server starts meanwhile.
  const { Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address, connectTimeout: PROBE_TIMEOUT_MS });
  try {
    await connection.withDeadline(Date.now() + PROBE_TIMEOUT_MS, () =>
      connection.workflowService.countWorkflowExecutions({ namespace: 'default' }),
    );
  } finally {
    await connection.close();
  }
}
