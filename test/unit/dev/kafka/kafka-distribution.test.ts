import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KAFKA_VERSION } from '../../../../src/dev/kafka/kafka-distribution.ts';

test('the cache directory is named after the Kafka version that Maven downloads', async () => {
  const pom = await readFile(new URL('../../../../src/dev/kafka/pom.xml', import.meta.url), 'utf8');

  expect(/<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.+)<\/version>/.exec(pom)?.[1]).toBe(
    KAFKA_VERSION,
  );
});
