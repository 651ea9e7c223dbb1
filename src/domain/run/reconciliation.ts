import { ReconciliationError } from '../errors.ts';
import type { ManifestTotals } from '../log/offsets.ts';

/** The counts and hashes that each step reports, to be compared with each other. */
export interface RunCounts {
  readonly loaded: number;
  readonly dropped: number;
  readonly train: number;
  readonly batch: number;
  readonly stream: number;
  readonly publishedBatch: number;
  readonly consumedBatch: number;
  readonly publishedStream: ManifestTotals;
  /** Of all micro-batches together. */
  readonly readStream: ManifestTotals;
  readonly predicted: number;
  readonly deadLettered: number;
  /** Offsets that an operator left out: at most so many records were not read. */
  readonly skippedOffsets: number;
  /** Micro-batches that are done. */
  readonly batches: number;
  /** Micro-batches whose completion marker is in the log. */
  readonly foundBatches: number;
  /** What the markers say was written. */
  readonly publishedPredictions: ManifestTotals;
  /** What the predictions topic holds. */
  readonly foundPredictions: ManifestTotals;
}

/** @throws ReconciliationError naming every sum that does not add up */
export function reconcile(counts: RunCounts): void {
  const { publishedStream, readStream, publishedPredictions, foundPredictions } = counts;
  const skipped = publishedStream.records - readStream.records;
  const mayMiss = skipped >= 0 && skipped <= counts.skippedOffsets;
  const checks: [what: string, expected: number | string, got: number | string][] = [
    [
      'rows loaded = dropped + train + batch + stream',
      counts.loaded,
      counts.dropped + counts.train + counts.batch + counts.stream,
    ],
    ['batch rows published', counts.batch, counts.publishedBatch],
    ['batch rows read back', counts.publishedBatch, counts.consumedBatch],
    ['stream rows published', counts.stream, publishedStream.records],
    ['stream rows read back', publishedStream.records, readStream.records + (mayMiss ? skipped : 0)],
    [
      'content of stream rows read back',
      // The published hash covers the skipped records, the hash of what was read does not.
      mayMiss && skipped > 0 ? readStream.contentHash : publishedStream.contentHash,
      readStream.contentHash,
    ],
    ['stream rows = predicted + dead-lettered', readStream.records, counts.predicted + counts.deadLettered],
    ['micro-batches with a completion marker', counts.batches, counts.foundBatches],
    ['predictions published', counts.predicted, publishedPredictions.records],
    ['predictions in the topic', publishedPredictions.records, foundPredictions.records],
    [
      'content of the predictions in the topic',
      publishedPredictions.contentHash,
      foundPredictions.contentHash,
    ],
  ];
  const wrong = checks.filter(([, expected, got]) => expected !== got);
  if (wrong.length === 0) return;
  throw new ReconciliationError({
    what: `the run does not add up: ${wrong
      .map(([what, expected, got]) => `${what}: expected ${expected}, got ${got}`)
      .join('; ')}`,
    hint: 'Do not use these predictions; another producer wrote to the topics, records were deleted, or this is a bug',
  });
}
