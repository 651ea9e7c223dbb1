import { createContentHash } from '../../domain/log/content-hash.ts';
import { MalformedRecord, TooManyBadRecords } from '../../domain/errors.ts';
import { batchName, deadLettersTopic, predictionsTopic } from '../../domain/names.ts';
import { describeRanges, type OffsetRange } from '../../domain/log/offsets.ts';
import { cutToFit, toDeadLetter, type DeadLetter } from '../../domain/log/dead-letter.ts';
import type { ConsumedBatch, ConsumedRow } from '../../domain/log/prediction.ts';
import { belongsTo, parseRatingRecord, type LogRecord, type RatingRecord } from '../../domain/log/record.ts';
import type { ConsumeMicroBatchResult } from '../../domain/run/step-results.ts';
import { sampleBadRecord } from '../../domain/stream/nothing-scored.ts';
import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import { writeJson, type ArtifactStore } from '../artifact-store.ts';
import type { Digests } from '../log/digests.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { LoadModel } from '../training/model-cache.ts';
import { onceEach } from '../log/once-each.ts';
import type { OnRecord, RecordPublisher, RecordReader } from '../log/record-log.ts';
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
  /** Of the predictions topic. */
  readonly maxPredictionBytes: number;
}

interface Deps {
  readonly artifacts: ArtifactStore;
  readonly reader: RecordReader;
  readonly publisher: Pick<RecordPublisher, 'maxRecordBytes'>;
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
  const { artifacts, reader, publisher, digests, loadModel, resolveModel, jobs } = deps;
  return async function consumeMicroBatch(input: ConsumeMicroBatchInput): Promise<ConsumeMicroBatchResult> {
    const { batch, ranges } = input;
    return withHeartbeat(async (signal, report) => {
      const job = await jobs.load(input.job);
      const { run, topic, select } = job;
      const model = await resolveModel(job.model);
      const { features, target } = await loadModel(model);
      const maxPredictionBytes = await publisher.maxRecordBytes(predictionsTopic(topic));
      const maxDeadLetterBytes = await publisher.maxRecordBytes(deadLettersTopic(topic));
      const reading: Reading = { ...job, ranges, features, target, maxPredictionBytes };
      const hash = createContentHash();
      const sha256 = (bytes: Uint8Array): string => digests.sha256(bytes);
      const rows: ConsumedRow[] = [];
      const deadLetters: DeadLetter[] = [];
      const fits = createByteLimit(job.maxBytes, ranges);
      const keep: OnRecord = (record, leave) => {
        const { partition, offset } = record;
        if (!fits(record)) {
          leave();
          return;
        }
        hash.add(digests.record(record));
        const parsed = parseOrRefuse(record, reading);
        if (parsed instanceof MalformedRecord) {
          deadLetters.push(toDeadLetter(cutToFit(record, maxDeadLetterBytes, sha256), parsed));
        } else rows.push({ ...parsed, partition, offset });
        report(rows.length + deadLetters.length);
      };
      const onRecord = select === 'all' ? keep : onceEach((record) => belongsTo(record, run, 'stream'), keep);
      const rest = await reader.readRanges({ topic, ranges, signal, onRecord });
      // Partitions arrive in any order; a retry stores the same artifact.
      rows.sort(byPlace);
      deadLetters.sort(byPlace);
      const records = rows.length + deadLetters.length;
      requireFewBad(reading, records, deadLetters);
      const [first] = deadLetters;
      const consumed: ConsumedBatch = { topic, features, rows, deadLetters };
      return {
        rows: await writeJson(artifacts, run, `${batchName(batch)}-rows`, rows.length, consumed),
        read: { records, contentHash: hash.value() },
        deadLettered: deadLetters.length,
        ...(rows.length === 0 && first && { firstBad: sampleBadRecord(first) }),
        ...(rest.length > 0 && { rest }),
        ...(typeof job.model === 'string' && { model }),
      };
    });
  };
}

/**
 * Each partition has an equal share of the bytes: partitions arrive in any order, and a retry must end where this attempt
 * does. The first record of each is taken, however large.
 */
function createByteLimit(maxBytes: number, ranges: readonly OffsetRange[]): (record: LogRecord) => boolean {
  const share = maxBytes / new Set(ranges.map(({ partition }) => partition)).size;
  const taken = new Map<number, number>();
  return ({ partition, key, value, headers }) => {
    const before = taken.get(partition) ?? 0;
    const sizes = headers.map(([name, bytes]) => name.length + bytes.length);
    const after = sizes.reduce((sum, size) => sum + size, before + (key?.length ?? 0) + (value?.length ?? 0));
    if (before > 0 && after > share) return false;
    taken.set(partition, after);
    return true;
  };
}

function byPlace(
  a: { readonly partition: number; readonly offset: number },
  b: { readonly partition: number; readonly offset: number },
): number {
  return a.partition - b.partition || a.offset - b.offset;
}

function parseOrRefuse(
  record: LogRecord,
  { topic, features, target, maxPredictionBytes, onBadRecord }: Reading,
): RatingRecord | MalformedRecord {
  try {
    requireFittingKey(topic, record, maxPredictionBytes);
    return parseRatingRecord(topic, record, features, target);
  } catch (error) {
    if (error instanceof MalformedRecord && onBadRecord === 'dead-letter') return error;
    throw error;
  }
}

/** A prediction beside its key: numbers, model, source and headers. */
const PREDICTION_BYTES = 4_096;

/** A prediction has the key of its record, and must fit into its topic. */
function requireFittingKey(topic: string, { key, partition, offset }: LogRecord, limit: number): void {
  if (key === null || key.length + PREDICTION_BYTES <= limit) return;
  throw new MalformedRecord({
    what: 'the key is too large for a prediction',
    where: `${topic}[${partition}]@${offset}`,
    expected: `at most ${limit - PREDICTION_BYTES} bytes (max.message.bytes of ${predictionsTopic(topic)})`,
    got: `${key.length} bytes`,
  });
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
