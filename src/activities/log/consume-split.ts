import { createContentHash } from '../../domain/log/content-hash.ts';
import { ReconciliationError } from '../../domain/errors.ts';
import type { PublishedSplit } from '../../domain/names.ts';
import { describeRanges, manifestTotals, type TopicManifest } from '../../domain/log/offsets.ts';
import { consumedSchema, createRowCollector, toConsumedBatches } from '../../domain/log/consumed-rows.ts';
import { belongsTo, type LogRecord } from '../../domain/log/record.ts';
import { sortedOrder } from '../../domain/order.ts';
import type { ConsumeSplitResult } from '../../domain/run/step-results.ts';
import { pause, withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
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
  readonly tables: Tables;
  readonly reader: RecordReader;
}

/**
 * Reads a published split back and compares it with its manifest: the same number of records, the same bytes. Of a row,
 * its numbers are held. Reads only, so a retry has no side effects.
 */
export function createConsumeSplit({ tables, reader }: Deps) {
  return async function consumeSplit(input: ConsumeSplitInput): Promise<ConsumeSplitResult> {
    const { run, split, manifest, features, target } = input;
    return withHeartbeat(async (signal, report) => {
      const { topic, partitions: ranges } = manifest;
      const promised = manifestTotals(manifest);
      const hash = createContentHash();
      const fields = { features, target };
      const rows = createRowCollector(topic, fields, { keys: false, capacity: promised.records });
      let records = 0;
      const keep = (record: LogRecord): void => {
        hash.add(record);
        records += 1;
        // What is more than promised is counted, for the error.
        if (records <= promised.records) rows.add(record);
        report(records);
      };
      const onRecord = onceEach(run, split, belongsTo(run, split), keep);
      await reader.readRanges({ topic, ranges, signal, onRecord });
      const contentHash = hash.value();
      if (records !== promised.records || contentHash !== promised.contentHash) {
        throw new ReconciliationError({
          what: `the ${split} split was not read back as it was published`,
          where: describeRanges(topic, ranges),
          expected: `${promised.records} records with hash ${promised.contentHash}`,
          got: `${records} records with hash ${contentHash}`,
          hint: 'Records were deleted from the topic, or the topic was rewritten; start a new run',
        });
      }
      const consumed = rows.rows();
      // The partition of a record differs by run; the order of floating-point sums must not.
      const order = await sortedOrder(consumed.rowIds, pause);
      return {
        rows: await tables.write({
          run,
          name: `${split}-consumed`,
          schema: consumedSchema(topic, features),
          batches: toConsumedBatches(consumed, order),
        }),
      };
    });
  };
}
