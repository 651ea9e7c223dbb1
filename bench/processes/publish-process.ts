/**
 * A process of `publish.ts`: publishes a split to a topic and reads it back by the worker's activities, at every line on
 * stdin. Argument: JSON with the files of the rows, the brokers and an artifact directory.
 */
import { createInterface } from 'node:readline';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { writeRatingRows } from '../../src/activities/dataset/rating-rows.ts';
import { createActivities } from '../../src/activities/index.ts';
import { createLogger } from '../../src/adapters/logger.ts';
import { loadConfig } from '../../src/config.ts';
import type { TopicManifest } from '../../src/domain/log/offsets.ts';
import type { ConsumeSplitResult } from '../../src/domain/run/step-results.ts';
import { compose } from '../../src/worker/compose.ts';
import { FEATURES, TARGET } from '../data/dataset.ts';
import { readRawFiles, type RawFiles } from '../data/raw-file.ts';

interface Facts extends RawFiles {
  readonly brokers: string;
  readonly artifactDir: string;
}

const facts = JSON.parse(process.argv[2] ?? '') as Facts;
const config = loadConfig({
  KAFKA_BROKERS: facts.brokers,
  ARTIFACT_STORE: facts.artifactDir,
  REPORT_PORT: 'off',
});
// Never used: these activities need Kafka alone.
const client = new Client({ connection: Connection.lazy() });
const composition = await compose(config, createLogger({ level: 'error' }), client);
const { publishSplit, consumeSplit } = createActivities(composition.deps);
const { columns, targets } = readRawFiles(facts);
const texts = Array.from(targets, (_, row) => `film-${row}`);
const rowIds = Int32Array.from(targets, (_, row) => row + 2);
const table = await writeRatingRows(composition.deps.tables, {
  run: 'bench',
  name: 'batch',
  schema: { features: FEATURES, target: TARGET },
  rows: [{ rowIds, keys: texts, labels: texts, columns, targets }],
});

for await (const topic of createInterface({ input: process.stdin })) {
  const environment = new MockActivityEnvironment(undefined, {
    logger: new DefaultLogger('ERROR', () => undefined),
  });
  const split = { run: `bench/${topic}`, split: 'batch' } as const;
  const start = performance.now();
  const manifest: TopicManifest = await environment.run(publishSplit, { ...split, table, topic });
  const publishSeconds = (performance.now() - start) / 1000;
  const { rows }: ConsumeSplitResult = await environment.run(consumeSplit, {
    ...split,
    manifest,
    features: FEATURES,
    target: TARGET,
  });
  const seconds = (performance.now() - start) / 1000;
  process.stdout.write(`${JSON.stringify({ ok: { seconds, publishSeconds, rows: rows.rows } })}\n`);
}
await composition.close();
