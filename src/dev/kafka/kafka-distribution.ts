import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureJars, JarDownloadFailed } from '../maven-jars.ts';

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

export async function isKafkaCached(cacheDir: string): Promise<boolean> {
  return access(distributionDir(cacheDir)).then(
    () => true,
    () => false,
  );
}

/** Downloads the broker's jars once and returns their directory. Several processes may call it at once. */
export async function ensureKafkaDistribution(cacheDir: string, onDownload?: () => void): Promise<string> {
  try {
    return await ensureJars(POM, distributionDir(cacheDir), onDownload);
  } catch (error) {
    if (!(error instanceof JarDownloadFailed)) throw error;
    throw new KafkaDownloadFailed({ reason: error.message }, { cause: error });
  }
}

function distributionDir(cacheDir: string): string {
  return join(cacheDir, `kafka-${KAFKA_VERSION}`);
}
