import { EMPTY_CONTENT_HASH } from '../../src/domain/log/content-hash.ts';

/** Of the plain stream. */
export const plainActivities = {
  empty: async (): Promise<void> => undefined,
};
export type EmptyActivities = typeof plainActivities;

const SHA256 = '0'.repeat(64);
const JOB = 'A'.repeat(43);
const artifact = (name: string) => ({
  uri: `runs/bench/${name}-${SHA256}.arrow`,
  sha256: SHA256,
  bytes: 1_000,
  rows: 1,
});
const manifest = (topic: string) => ({
  topic,
  partitions: [{ partition: 0, offsetFrom: 0, offsetTo: 1, records: 1, contentHash: EMPTY_CONTENT_HASH }],
});

export const MODEL = { version: '0'.repeat(12), artifact: artifact('model') };

/** Those of a run's stream, with results of the real size. */
export const streamActivities = {
  describeWorker: async () => ({
    version: '1.0.0',
    commit: null,
    hasSearchAttributes: false,
    notifies: false,
    reportUrl: null,
    uiUrl: 'http://localhost',
  }),
  prepareStream: async () => JOB,
  consumeMicroBatch: async () => ({
    rows: artifact('batch-000000-rows'),
    read: { records: 1, contentHash: EMPTY_CONTENT_HASH },
    deadLettered: 0,
  }),
  predictMicroBatch: async () => ({ scored: artifact('batch-000000-scored') }),
  publishPredictions: async () => ({
    predictions: manifest('a1.predictions'),
    deadLetters: manifest('a1.dead-letters'),
  }),
};
