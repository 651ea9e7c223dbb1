import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureJars } from '../../../src/dev/maven-jars.ts';
import { chooseLoopbackPort, LOOPBACK } from '../../../src/dev/process/loopback-port.ts';
import { waitUntilReady } from '../../../src/dev/process/readiness.ts';
import { startSupervised, type SupervisedProcess } from '../../../src/dev/process/supervised-process.ts';

export interface S3Server extends SupervisedProcess {
  readonly url: string;
}

const POM = fileURLToPath(new URL('./pom.xml', import.meta.url));
const VERSION = '4.8.0';
/** A start takes 15 s of one core. */
const START_TIMEOUT_MS = 10 * 60_000;
/** S3Mock takes any key and secret. */
export const BUCKET = 'films';

/** Adobe's S3Mock: it knows multipart uploads, conditional writes and checksums, and checks no signatures. */
export async function startS3Mock(options: {
  readonly cacheDir: string;
  readonly stateDir: string;
  readonly port?: number;
}): Promise<S3Server> {
  const { cacheDir, stateDir } = options;
  const jars = await ensureJars(POM, join(cacheDir, `s3mock-${VERSION}`));
  const port = options.port ?? (await chooseLoopbackPort('S3Mock'));
  const url = `http://${LOOPBACK}:${port}`;
  const root = join(stateDir, 's3mock');
  await rm(root, { recursive: true, force: true });
  const server = await startSupervised({
    name: 'S3Mock',
    command: 'java',
    args: [
      '-Xmx200m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      '-jar',
      join(jars, `s3mock-${VERSION}-exec.jar`),
      `--com.adobe.testing.s3mock.httpPort=${port}`,
      '--server.port=0',
      `--com.adobe.testing.s3mock.store.root=${root}`,
      `--com.adobe.testing.s3mock.store.initialBuckets=${BUCKET}`,
    ],
    cwd: stateDir,
    logFile: join(stateDir, 's3mock.log'),
    pidFile: join(stateDir, 's3mock.pid'),
  });
  await waitUntilReady('S3Mock', server, () => probe(url), START_TIMEOUT_MS);
  return { ...server, url };
}

async function probe(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/${BUCKET}?list-type=2`);
  if (!ok) throw new Error(`status ${status}`);
}
