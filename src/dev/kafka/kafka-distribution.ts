import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { describeToolFailure } from '../process/tool-failure.ts';

export class KafkaDownloadFailed extends Error {
  override readonly name = 'KafkaDownloadFailed';

  constructor(facts: { readonly reason: string }, options?: ErrorOptions) {
    super(
      `Apache Kafka ${KAFKA_VERSION} could not be downloaded with Maven: ${facts.reason}. ` +
        'Try again when the network is up, or run `docker compose up` and set KAFKA_BROKERS',
      options,
    );
  }
}

/** As in pom.xml; a unit test compares them. */
export const KAFKA_VERSION = '4.3.0';

const POM = fileURLToPath(new URL('./pom.xml', import.meta.url));

/** 44 MB take seconds on most connections; a slow one needs minutes. */
const DOWNLOAD_TIMEOUT_MS = 15 * 60_000;

export async function isKafkaCached(cacheDir: string): Promise<boolean> {
  return exists(distributionDir(cacheDir));
}

/** Downloads the broker's jars once, with Maven, and returns their directory. Several processes may call it at once. */
export async function ensureKafkaDistribution(
  cacheDir: string,
  onDownload: () => void = () => undefined,
): Promise<string> {
  const libDir = distributionDir(cacheDir);
  if (await exists(libDir)) return libDir;
  onDownload();
  await mkdir(cacheDir, { recursive: true });
  const downloadDir = await mkdtemp(join(cacheDir, 'kafka-download-'));
  try {
    await execa(
      'mvn',
      [
        '--batch-mode',
        '--quiet',
        '--strict-checksums',
        `--file=${POM}`,
        'dependency:copy-dependencies',
        '-DincludeScope=runtime',
        `-DoutputDirectory=${downloadDir}`,
      ],
      { timeout: DOWNLOAD_TIMEOUT_MS, cleanup: true, stdin: 'ignore' },
    );
    await publishDirectory(downloadDir, libDir);
  } catch (error) {
    throw new KafkaDownloadFailed({ reason: describeToolFailure(error) }, { cause: error });
  } finally {
    await rm(downloadDir, { recursive: true, force: true });
  }
  return libDir;
}

/** The rename is atomic: the directory is complete or absent. The slower of two processes finds it taken. */
async function publishDirectory(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

function distributionDir(cacheDir: string): string {
  return join(cacheDir, `kafka-${KAFKA_VERSION}`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
