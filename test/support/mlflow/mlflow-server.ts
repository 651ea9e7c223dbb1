import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import getPort from 'get-port';
import { ensurePythonEnvironment, hasPythonEnvironment } from '../../../bench/setup/python-environment.ts';
import { pollUntil } from '../poll-until.ts';

/** The packages take 900 MB, so they are installed only on request; where they are installed, the tests run. */
export const HAS_MLFLOW = process.env['MLFLOW_TEST'] === '1' || hasPythonEnvironment('mlflow');

export interface MlflowServer {
  readonly url: string;
  /** Runs a Python program whose standard output is JSON. */
  readonly python: (program: string, ...args: readonly string[]) => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

/** A tracking server with its own database, whose address is given back when it answers. */
export async function startMlflow(): Promise<MlflowServer> {
  const { python } = await ensurePythonEnvironment('mlflow');
  const directory = await mkdtemp(join(tmpdir(), 'imdb-mlflow-'));
  const port = await getPort();
  const url = `http://127.0.0.1:${port}`;
  const options = ['--host', '127.0.0.1', '--port', `${port}`, '--workers', '1'];
  const stores = ['--backend-store-uri', 'sqlite:///mlflow.db', '--artifacts-destination', 'artifacts'];
  const env = { MLFLOW_DISABLE_TELEMETRY: 'true' };
  // A group of its own: the server has children, which outlive it when it alone is killed.
  const server = execa(python, ['-m', 'mlflow', 'server', ...options, ...stores], {
    cwd: directory,
    env,
    detached: true,
    reject: false,
    stdout: { file: join(directory, 'server.log') },
    stderr: { file: join(directory, 'server.log') },
  });
  await pollUntil('MLflow to answer', async () => {
    if (server.exitCode !== null) throw new Error(`MLflow ended: see ${join(directory, 'server.log')}`);
    return fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
  });
  return {
    url,
    async python(program, ...args) {
      const { stdout } = await execa(python, ['-c', program, ...args], {
        env: { ...env, MLFLOW_TRACKING_URI: url },
      });
      return JSON.parse(stdout.split('\n').at(-1) ?? '') as unknown;
    },
    async stop() {
      if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGKILL');
      await server;
      if (existsSync(directory)) await rm(directory, { recursive: true, force: true });
    },
  };
}
