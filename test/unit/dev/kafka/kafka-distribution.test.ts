import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KAFKA_VERSION } from '../../../../src/dev/kafka/kafka-distribution.ts';

test('the Kafka that Maven is told to download is the one that the cache directory is named after', async () => {
  const pom = await readFile(new URL('../../../../src/dev/kafka/pom.xml', import.meta.url), 'utf8');

  expect(/<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.+)<\/version>/.exec(pom)?.[1]).toBe(
    KAFKA_VERSION,
  );
});
