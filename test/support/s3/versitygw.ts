import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toS3Settings, type S3Settings } from '../../../src/config/s3-settings.ts';
import { chooseLoopbackPort, LOOPBACK } from '../../../src/dev/process/loopback-port.ts';
import { waitUntilReady } from '../../../src/dev/process/readiness.ts';
import { startSupervised } from '../../../src/dev/process/supervised-process.ts';
import { BUCKET } from './s3-mock.ts';

const START_TIMEOUT_MS = 60_000;
const ROOT = { access: 'root-key', secret: 'root-secret-of-the-test' } as const;

export interface Versitygw {
  readonly settings: S3Settings;
  stop(): Promise<void>;
}

/** https://github.com/versity/versitygw checks signatures, which S3Mock does not. It is used where it is installed. */
export const hasVersitygw = await promisify(execFile)('versitygw', ['--version']).then(
  () => true,
  () => false,
);

export async function startVersitygw(): Promise<Versitygw> {
  const directory = await mkdtemp(join(tmpdir(), 'imdb-versitygw-'));
  // Its buckets are folders.
  await mkdir(join(directory, 'store', BUCKET), { recursive: true });
  const port = await chooseLoopbackPort('versitygw');
  const server = await startSupervised({
    name: 'versitygw',
    command: 'versitygw',
    args: [
      `--port=${LOOPBACK}:${port}`,
      `--access=${ROOT.access}`,
      `--secret=${ROOT.secret}`,
      'posix',
      join(directory, 'store'),
    ],
    logFile: join(directory, 'versitygw.log'),
    pidFile: join(directory, 'versitygw.pid'),
  });
  const url = `http://${LOOPBACK}:${port}`;
  await waitUntilReady('versitygw', server, () => fetch(url).then(() => undefined), START_TIMEOUT_MS);
  return {
    settings: toS3Settings({
      AWS_ENDPOINT_URL_S3: url,
      AWS_ACCESS_KEY_ID: ROOT.access,
      AWS_SECRET_ACCESS_KEY: ROOT.secret,
      S3_FORCE_PATH_STYLE: 'true',
    }),
    async stop() {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
