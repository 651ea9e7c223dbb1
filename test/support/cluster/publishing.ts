import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Publication, PublicationResult } from '../../../src/activities/log/record-log.ts';
import { BrokerError } from '../../../src/domain/errors.ts';
import { manifestTotals, type TopicManifest } from '../../../src/domain/log/offsets.ts';
import type { TestEnvironment } from '../environment.ts';
import { hashOf, keysOf, readSettled, type RecordLog } from '../log/record-log.ts';

const RETRY_MS = 100;
/** Only a publication that never succeeds reaches it. */
const MAX_ATTEMPTS = 500;

export interface Published extends PublicationResult {
  /** Why the attempts before the last one failed. */
  readonly failures: readonly string[];
}

/** Publishes as a worker does: an attempt that ends with BrokerError is repeated. */
export async function publishWithRetries(
  { publisher }: RecordLog,
  publication: Publication,
): Promise<Published> {
  const failures: string[] = [];
  for (;;) {
    try {
      return { ...(await publisher.publishOnce(publication)), failures };
    } catch (error) {
      if (!(error instanceof BrokerError) || failures.length === MAX_ATTEMPTS) throw error;
      failures.push(error.message);
      await sleep(RETRY_MS);
    }
  }
}

/** An ordinary consumer finds the records of the manifests, where they say, each key once, and nothing else. */
export async function expectExactly(
  environment: TestEnvironment,
  topic: string,
  manifests: readonly TopicManifest[],
  keys: readonly string[],
): Promise<void> {
  const messages = await readSettled(environment, topic);
  expect(keysOf(messages)).toEqual([...keys].sort());
  const ranges = manifests.flatMap(({ partitions }) => partitions);
  const outside = messages.filter(({ partition, offset }) =>
    ranges.every(
      (range) =>
        range.partition !== partition ||
        Number(offset) < range.offsetFrom ||
        Number(offset) >= range.offsetTo,
    ),
  );
  expect(outside.map(({ partition, offset }) => `${partition}@${offset}`)).toEqual([]);
  const totals = manifestTotals({ topic, partitions: ranges });
  expect(totals).toEqual({ records: messages.length, contentHash: hashOf(messages) });
}
