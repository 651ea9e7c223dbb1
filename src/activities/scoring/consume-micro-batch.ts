import { contentHashOf } from '../../domain/log/content-hash.ts';
import { MalformedRecord, TooManyBadRecords } from '../../domain/errors.ts';
import { batchName } from '../../domain/names.ts';
import { describeRanges, type OffsetRange } from '../../domain/log/offsets.ts';
import {
  toDeadLetter,
  type ConsumedBatch,
  type ConsumedRow,
  type DeadLetter,
} from '../../domain/log/prediction.ts';
import { belongsTo, parseRatingRecord, type LogRecord, type RatingRecord } from '../../domain/log/record.ts';
import type { ConsumeMicroBatchResult } from '../../domain/run/step-results.ts';
import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { LoadModel } from '../training/model-cache.ts';
import { readUnique } from '../log/read-unique.ts';
import type { RecordReader } from '../log/record-log.ts';
import type { ResolveModel } from './resolve-model.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface ConsumeMicroBatchInput {
  readonly job: JobRef;
  readonly batch: number;
  readonly ranges: readonly OffsetRange[];
}

interface Reading extends StreamJob {
  readonly ranges: readonly OffsetRange[];
  readonly features: readonly string[];
  readonly target: string;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly reader: RecordReader;
  readonly digests: Digests;
  readonly loadModel: LoadModel;
  readonly resolveModel: ResolveModel;
  readonly jobs: StreamJobs;
}

/**
 * Reads one micro-batch and sets aside the records that break the record contract. For a stream that follows a champion,
 * it also resolves the model, so that one model scores the whole micro-batch. Publishes nothing, so a retry is harmless.
 */
export function createConsumeMicroBatch(deps: Deps) {
  const { artifacts, reader, digests, loadModel, resolveModel, jobs } = deps;
  return async function consumeMicroBatch(input: ConsumeMicroBatchInput): Promise<ConsumeMicroBatchResult> {
    const { batch, ranges } = input;
    return withHeartbeat(async (signal, onProgress) => {
      const job = await jobs.load(input.job);
      const { run, topic, select } = job;
      const model = await resolveModel(job.model);
      const { features, target } = await loadModel(model);
      const reading: Reading = { ...job, ranges, features, target };
      const read = { topic, ranges, signal, onProgress };
      const records =
        select === 'all'
          ? await reader.readRanges(read)
          : await readUnique(reader, read, (record) => belongsTo(record, run, 'stream'));
      const rows: ConsumedRow[] = [];
      const deadLetters: DeadLetter[] = [];
      for (const record of records) {
        const parsed = parseOrRefuse(record, reading);
        if (parsed instanceof MalformedRecord) deadLetters.push(toDeadLetter(record, parsed));
        else rows.push({ ...parsed, partition: record.partition, offset: record.offset });
      }
      requireFewBad(reading, records.length, deadLetters);
      const consumed: ConsumedBatch = { topic, features, rows, deadLetters };
      return {
        rows: await writeJson(artifacts, run, `${batchName(batch)}-rows`, rows.length, consumed),
        read: {
          records: records.length,
          contentHash: contentHashOf(records.map((record) => digests.record(record))),
        },
        deadLettered: deadLetters.length,
        ...(typeof job.model === 'string' && { model }),
      };
    });
  };
}

function parseOrRefuse(
  record: LogRecord,
  { topic, features, target, onBadRecord }: Reading,
): RatingRecord | MalformedRecord {
  try {
    return parseRatingRecord(topic, record, features, target);
  } catch (error) {
    if (error instanceof MalformedRecord && onBadRecord === 'dead-letter') return error;
    throw error;
  }
}

/** @throws TooManyBadRecords with the first of them */
function requireFewBad(
  { topic, ranges, maxBadFraction }: Reading,
  records: number,
  bad: readonly DeadLetter[],
): void {
  const [first] = bad;
  if (first === undefined || bad.length <= maxBadFraction * records) return;
  throw new TooManyBadRecords({
    what: 'too many records cannot be scored',
    where: describeRanges(topic, ranges),
    expected: `at most ${100 * maxBadFraction} % (stream.maxBadFraction)`,
    got: `${bad.length} of ${records}, the first: ${first.errorMessage}`,
    hint: 'Correct their producer, or allow more bad records and start again; nothing of this micro-batch was predicted',
  });
}
