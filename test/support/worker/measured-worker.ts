import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { freeMetricsAddress } from '../../../src/worker/metrics.ts';
import { environmentWith, PROGRAM } from '../command/program.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** `imdb worker` with two processes and a port for metrics; it may not be ready yet. */
export async function startMeasuredWorker(env: Readonly<Record<string, string>>) {
  const [METRICS_HOST = '', METRICS_PORT = ''] = (await freeMetricsAddress()).split(':');
  const worker = spawn(process.execPath, [...PROGRAM, 'worker', '--processes=2'], {
    cwd: ROOT,
    env: environmentWith({ ...env, METRICS_PORT, METRICS_HOST }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  worker.stderr.on('data', (data: Buffer) => (log += data.toString()));
  onTestFinished(async () => {
    if (worker.exitCode === null && worker.kill('SIGKILL')) await once(worker, 'exit');
  });
  const get = async (path: string) => {
    const response = await fetch(`http://${METRICS_HOST}:${METRICS_PORT}${path}`).catch(() => undefined);
    return response && { status: response.status, text: await response.text() };
  };
  const lines = () =>
    log
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return { worker, get, lines };
}
