import { createContentHash } from '../../domain/log/content-hash.ts';
import { ReconciliationError } from '../../domain/errors.ts';
import type { PublishedSplit } from '../../domain/names.ts';
import { describeRanges, manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import type { ConsumedBatch, ConsumedRow } from '../../domain/log/prediction.ts';
import { belongsTo, parseRatingRecord, type LogRecord } from '../../domain/log/record.ts';
import type { ConsumeSplitResult } from '../../domain/run/step-results.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { Digests } from './digests.ts';
import { withHeartbeat } from '../heartbeat.ts';
import { onceEach } from './once-each.ts';
import type { RecordReader } from './record-log.ts';

export interface ConsumeSplitInput {
  readonly run: string;
  readonly split: PublishedSplit;
  readonly manifest: TopicManifest;
  readonly features: readonly string[];
  readonly target: string;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly reader: RecordReader;
  readonly digests: Digests;
}

/**
 * Reads a published split back and compares it with its manifest: the same number of records, the same bytes.
 * Reads only, so a retry has no side effects.
 */
export function createConsumeSplit({ artifacts, reader, digests }: Deps) {
  return async function consumeSplit({
    run,
    split,
    manifest,
    features,
    target,
  }: ConsumeSplitInput): Promise<ConsumeSplitResult> {
    return withHeartbeat(async (signal, report) => {
      const { topic, partitions: ranges } = manifest;
      const hash = createContentHash();
      const rows: ConsumedRow[] = [];
      const keep = (record: LogRecord): void => {
        hash.add(digests.record(record));
        const { partition, offset } = record;
        rows.push({ ...parseRatingRecord(topic, record, features, target), partition, offset });
        report(rows.length);
      };
      const onRecord = onceEach((record) => belongsTo(record, run, split), keep);
      await reader.readRanges({ topic, ranges, signal, onRecord });
      const promised = manifestTotals(manifest);
      const contentHash = hash.value();
      if (rows.length !== promised.records || contentHash !== promised.contentHash) {
        throw new ReconciliationError({
          what: `the ${split} split was not read back as it was published`,
          where: describeRanges(topic, ranges),
          expected: `${promised.records} records with hash ${promised.contentHash}`,
          got: `${rows.length} records with hash ${contentHash}`,
          hint: 'Records were deleted from the topic, or the topic was rewritten; start a new run',
        });
      }
      // The partition of a record differs by run; the order of floating-point sums must not.
      rows.sort((a, b) => (a.rowId ?? 0) - (b.rowId ?? 0));
      const batch: ConsumedBatch = { topic, features, rows, deadLetters: [] };
      return { rows: await writeJson(artifacts, run, `${split}-consumed`, rows.length, batch) };
    });
  };
}
