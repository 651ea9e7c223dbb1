import type { RowPublication, RowPublicationResult } from '../../activities/log/record-log.ts';
import { manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import {
  afterTransaction,
  createRowComparison,
  type PublicationProgress,
} from '../../domain/log/publication.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import { inSlices } from './slices.ts';

/**
 * Bounds what an attempt holds in memory: one that is sent and one that fills. Each costs the broker some ten requests
 * beside its records. The first is smaller, in case the broker is slow.
 */
const MAX_TRANSACTION_BYTES = 16_000_000;
const FIRST_TRANSACTION_BYTES = 4_000_000;
const GROWTH = 4;
/** After a slower one the next is half as large, so that all of them end far before the transaction timeout. */
const SLOW_TRANSACTION_MS = 10_000;

/** The rows of one transaction. */
export interface RowBuffer {
  readonly bytes: number;
  add(record: OutgoingRecord): void;
}

/** The right to publish some rows, until a later attempt begins. */
export interface RowAttempt<Buffer extends RowBuffer> {
  /** Ends every earlier attempt. @returns what they have committed; from now on, this attempt alone adds to it */
  begin(): Promise<PublicationProgress>;
  createBuffer(): Buffer;
  /** Writes the rows and a marker in one transaction. @param toMarker of where they were written @returns the marker */
  commit(
    buffer: Buffer,
    toMarker: (written: TopicManifest) => PublicationProgress,
    onSent: (records: number) => void,
  ): Promise<PublicationProgress>;
}

/**
 * Continues where the earlier attempts were: compares the rows that they have committed, and writes the others in bounded
 * transactions, one after the other. The next buffer fills while the broker takes the one before. A full buffer waits for
 * the next row, because the last transaction says that it is the last.
 */
export async function publishRows<Buffer extends RowBuffer>(
  attempt: RowAttempt<Buffer>,
  { chunks, signal, onProgress }: Pick<RowPublication, 'chunks' | 'signal' | 'onProgress'>,
): Promise<RowPublicationResult> {
  const committed = await attempt.begin();
  const comparison = createRowComparison(committed);
  let progress = committed;
  let buffer: Buffer | undefined;
  let isFull = false;
  let limit = FIRST_TRANSACTION_BYTES;
  let committing = Promise.resolve();

  async function commit(rows: Buffer, isLast: boolean): Promise<void> {
    let published = recordsOf(progress);
    const startedMs = performance.now();
    progress = await attempt.commit(
      rows,
      (written) => afterTransaction(progress, written, isLast),
      (records) => {
        published += records;
        onProgress(published);
        signal.throwIfAborted();
      },
    );
    const isSlow = performance.now() - startedMs > SLOW_TRANSACTION_MS;
    limit = isSlow ? limit / 2 : Math.min(GROWTH * limit, MAX_TRANSACTION_BYTES);
  }

  async function beginCommit(isLast: boolean): Promise<void> {
    const rows = buffer ?? attempt.createBuffer();
    buffer = undefined;
    isFull = false;
    await committing;
    committing = commit(rows, isLast);
    // Its error is thrown where it is awaited.
    committing.catch(() => undefined);
  }

  function add(record: OutgoingRecord): void {
    buffer ??= attempt.createBuffer();
    buffer.add(record);
    isFull = buffer.bytes >= limit;
  }

  async function addAfterCommit(record: OutgoingRecord): Promise<void> {
    await beginCommit(false);
    add(record);
  }

  /** Returns a promise only where there is something to wait for: one for each of many rows takes time. */
  function visit(record: OutgoingRecord): Promise<void> | undefined {
    if (!comparison.isDone()) comparison.add(record);
    else if (isFull) return addAfterCommit(record);
    else add(record);
    return undefined;
  }

  onProgress(recordsOf(committed));
  try {
    for await (const chunk of chunks) {
      await inSlices(chunk, signal, visit);
      isFull = buffer !== undefined;
    }
    comparison.finish();
    signal.throwIfAborted();
    if (!committed.isComplete) await beginCommit(true);
    await committing;
  } finally {
    // Nothing of this attempt goes on after its end.
    await Promise.allSettled([committing]);
  }
  return { manifest: progress.manifest, alreadyPublished: committed.isComplete };
}

function recordsOf({ manifest }: PublicationProgress): number {
  return manifestTotals(manifest).records;
}
