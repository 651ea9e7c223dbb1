import { contentHashOf } from '../domain/content-hash.ts';
import { MalformedRecord } from '../domain/errors.ts';
import { batchName } from '../domain/names.ts';
import type { OffsetRange } from '../domain/offsets.ts';
import type { PipelineInput } from '../domain/pipeline-input.ts';
import { toDeadLetter, type ConsumedBatch, type ConsumedRow, type DeadLetter } from '../domain/prediction.ts';
import { belongsTo, parseRatingRecord, type LogRecord } from '../domain/record.ts';
import type { ConsumeMicroBatchResult } from '../domain/step-results.ts';
import { writeJson, type ArtifactStore } from './artifact-store.ts';
import type { Digests } from './digests.ts';
import { withHeartbeat } from './heartbeat.ts';
import { readUnique } from './read-unique.ts';
import type { RecordReader } from './record-log.ts';

export interface ConsumeMicroBatchInput {
  readonly run: string;
  readonly batch: number;
  readonly topic: string;
  readonly ranges: readonly OffsetRange[];
  readonly features: readonly string[];
  readonly target: string;
  readonly onBadRecord: PipelineInput['stream']['onBadRecord'];
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly reader: RecordReader;
  readonly digests: Digests;
}

/**
 * Reads one micro-batch of the stream split and sets aside what does not follow the record contract.
 * Only reads, so a retry is free.
 */
export function createConsumeMicroBatch({ artifacts, reader, digests }: Deps) {
  return async function consumeMicroBatch(input: ConsumeMicroBatchInput): Promise<ConsumeMicroBatchResult> {
    const { run, batch, topic, ranges, features } = input;
    return withHeartbeat(async (signal, onProgress) => {
      const records = await readUnique(reader, { topic, ranges, signal, onProgress }, (record) =>
        belongsTo(record, run, 'stream'),
      );
      const rows: ConsumedRow[] = [];
      const deadLetters: DeadLetter[] = [];
      for (const record of records) {
        const parsed = parseOrRefuse(input, record);
        if (parsed instanceof MalformedRecord) deadLetters.push(toDeadLetter(record, parsed));
        else rows.push({ ...parsed, partition: record.partition, offset: record.offset });
      }
      const consumed: ConsumedBatch = { topic, features, rows, deadLetters };
      return {
        rows: await writeJson(artifacts, run, `${batchName(batch)}-rows`, rows.length, consumed),
        read: {
          records: records.length,
          contentHash: contentHashOf(records.map((record) => digests.record(record))),
        },
        deadLettered: deadLetters.length,
      };
    });
  };
}

function parseOrRefuse({ topic, features, target, onBadRecord }: ConsumeMicroBatchInput, record: LogRecord) {
  try {
    return parseRatingRecord(topic, record, features, target);
  } catch (error) {
    if (error instanceof MalformedRecord && onBadRecord === 'dead-letter') return error;
    throw error;
  }
}
