import { ReconciliationError } from '../errors.ts';
import { createContentHash, type HashedRecord } from './content-hash.ts';
import { manifestTotals, mergeManifests, type ManifestTotals, type TopicManifest } from './offsets.ts';

/**
 * How far rows are published: what their marker says, which moves on with every transaction. Transactions write the rows
 * in order, so what is committed is the beginning of the table, wherever the transactions were cut.
 */
export interface PublicationProgress {
  /** Of all transactions so far. */
  readonly manifest: TopicManifest;
  /** False while rows may follow. */
  readonly isComplete: boolean;
}

/** Before the first transaction. */
export function unpublished(topic: string): PublicationProgress {
  return { manifest: { topic, partitions: [] }, isComplete: false };
}

/** After a transaction with the next rows. */
export function afterTransaction(
  { manifest }: PublicationProgress,
  written: TopicManifest,
  isComplete: boolean,
): PublicationProgress {
  return { manifest: mergeManifests(manifest.topic, [manifest, written]), isComplete };
}

/**
 * Compares the first rows of the table with those that are committed: a run that was reset after its file changed must
 * not take the old records for the new ones.
 */
export function createRowComparison({ manifest, isComplete }: PublicationProgress) {
  const committed = manifestTotals(manifest);
  const hash = createContentHash();
  let records = 0;
  const isDone = (): boolean => !isComplete && records === committed.records;
  const requireSame = (): void => {
    requireSameRecords(manifest.topic, committed, { records, contentHash: hash.value() });
  };
  return {
    /** Whether the next row is one to be published. Never if all are committed. */
    isDone,
    /** @throws ReconciliationError */
    add(record: HashedRecord): void {
      records += 1;
      hash.add(record);
      if (isDone()) requireSame();
    },
    /** After the last row. @throws ReconciliationError when more or fewer rows are committed */
    finish(): void {
      if (!isDone()) requireSame();
    },
  };
}

/** @throws ReconciliationError */
export function requireSameRecords(topic: string, committed: ManifestTotals, expected: ManifestTotals): void {
  if (committed.records === expected.records && committed.contentHash === expected.contentHash) return;
  throw new ReconciliationError({
    what: 'this run has published other records under the same name',
    where: topic,
    expected: `${expected.records} records with hash ${expected.contentHash}`,
    got: `${committed.records} records with hash ${committed.contentHash}`,
    hint: 'The run was reset and its data or code has changed since; start a new run',
  });
}
