import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadProcessConfig } from '../../../src/config.ts';
import { ensureJars } from '../../../src/dev/maven-jars.ts';
import { chooseLoopbackPort, LOOPBACK } from '../../../src/dev/process/loopback-port.ts';
import { waitUntilReady } from '../../../src/dev/process/readiness.ts';
import { startSupervised } from '../../../src/dev/process/supervised-process.ts';
import { findJava21 } from './java-21.ts';

export interface Apicurio {
  /** Host and port. */
  readonly address: string;
  /** Of Confluent's API. */
  readonly path: string;
  stop(): Promise<void>;
}

const POM = fileURLToPath(new URL('./pom.xml', import.meta.url));
const VERSION = '3.3.3';
/** A start takes 20 s of one core. */
const START_TIMEOUT_MS = 15 * 60_000;
const API = '/apis/ccompat/v7';

const { cacheDir } = loadProcessConfig().local;
export const java21 = await findJava21(cacheDir);

/** Apicurio Registry, which has the API of Confluent's Schema Registry. It needs Java 21. */
export async function startApicurio(java: string): Promise<Apicurio> {
  const archives = await ensureJars(POM, join(cacheDir, `apicurio-registry-${VERSION}`));
  const directory = await mkdtemp(join(tmpdir(), 'imdb-apicurio-'));
  const server = join(directory, 'server');
  await mkdir(server);
  const archive = join(archives, `apicurio-registry-app-${VERSION}-all.tar.gz`);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', server]);
  const port = await chooseLoopbackPort('Apicurio');
  const address = `${LOOPBACK}:${port}`;
  const supervised = await startSupervised({
    name: 'Apicurio',
    command: java,
    args: [
      '-Xmx300m',
      '-XX:TieredStopAtLevel=1',
      '-XX:+UseSerialGC',
      `-Dquarkus.http.host=${LOOPBACK}`,
      `-Dquarkus.http.port=${port}`,
      `-Dquarkus.management.host=${LOOPBACK}`,
      '-Dquarkus.management.port=0',
      '-jar',
      join(server, 'quarkus-run.jar'),
    ],
    cwd: directory,
    logFile: join(directory, 'apicurio.log'),
    pidFile: join(directory, 'apicurio.pid'),
  });
  await waitUntilReady('Apicurio', supervised, () => probe(address), START_TIMEOUT_MS);
  return {
    address,
    path: API,
    async stop() {
      await supervised.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function probe(address: string): Promise<void> {
  const { ok, status } = await fetch(`http://${address}${API}/subjects`);
  if (!ok) throw new Error(`status ${status}`);
}
