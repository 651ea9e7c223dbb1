import { createContentHash } from '../../domain/log/content-hash.ts';
import { MalformedRecord, TooManyBadRecords } from '../../domain/errors.ts';
import { batchName, deadLettersTopic, predictionsTopic } from '../../domain/names.ts';
import { describeRanges, type OffsetRange } from '../../domain/log/offsets.ts';
import { cutToFit, toDeadLetter, type DeadLetter } from '../../domain/log/dead-letter.ts';
import { createByteCopies } from '../../domain/log/bytes.ts';
import { OWN_VALUES, type ValueFormat } from '../../domain/log/framed-value.ts';
import {
  consumedSchema,
  createRowCollector,
  toConsumedBatches,
  type ConsumedRows,
} from '../../domain/log/consumed-rows.ts';
import { DEAD_LETTER_SCHEMA, toDeadLetterBatches } from '../../domain/log/dead-letter-table.ts';
import { belongsTo, type LogRecord } from '../../domain/log/record.ts';
import { sortedOrder } from '../../domain/order.ts';
import type { ConsumeMicroBatchResult } from '../../domain/run/step-results.ts';
import { sampleBadRecord } from '../../domain/stream/nothing-scored.ts';
import type { JobRef, StreamJob } from '../../domain/stream/stream-job.ts';
import type { Digests } from '../log/digests.ts';
import { pause, withHeartbeat } from '../heartbeat.ts';
import type { Tables } from '../tables.ts';
import type { LoadModel } from '../training/model-cache.ts';
import { onceEach } from '../log/once-each.ts';
import type { OnRecord, RecordPublisher, RecordReader } from '../log/record-log.ts';
import { requireRegistry, type SchemaRegistry } from '../log/schema-registry.ts';
import { createFramedRecords } from './framed-records.ts';
import type { ResolveModel } from './resolve-model.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface ConsumeMicroBatchInput {
  readonly job: JobRef;
  readonly batch: number;
  readonly ranges: readonly OffsetRange[];
}

interface Reading extends StreamJob {
  readonly ranges: readonly OffsetRange[];
  /** Of the predictions topic. */
  readonly maxPredictionBytes: number;
}

interface Deps {
  readonly tables: Tables;
  readonly reader: RecordReader;
  readonly publisher: Pick<RecordPublisher, 'maxRecordBytes'>;
  readonly digests: Digests;
  readonly loadModel: LoadModel;
  readonly resolveModel: ResolveModel;
  readonly jobs: StreamJobs;
  readonly schemas: SchemaRegistry | undefined;
}

/**
 * Reads one micro-batch and sets aside the records that break the record contract. For a stream that follows a champion,
 * it also resolves the model, so that one model scores the whole micro-batch. Publishes nothing, so a retry is harmless.
 */
export function createConsumeMicroBatch(deps: Deps) {
  const { tables, reader, publisher, digests, loadModel, resolveModel, jobs, schemas } = deps;
  return async function consumeMicroBatch(input: ConsumeMicroBatchInput): Promise<ConsumeMicroBatchResult> {
    const { batch, ranges } = input;
    return withHeartbeat(async (signal, report) => {
      const job = await jobs.load(input.job);
      const { run, topic, select } = job;
      const model = await resolveModel(job.model);
      const { features, target } = await loadModel(model);
      const maxPredictionBytes = await publisher.maxRecordBytes(predictionsTopic(topic));
      const maxDeadLetterBytes = await publisher.maxRecordBytes(deadLettersTopic(topic));
      const reading: Reading = { ...job, ranges, maxPredictionBytes };
      const hash = createContentHash();
      const fields = { features, target };
      const framed = createFramedRecords(schemas);
      if (job.value === 'registry') requireRegistry(schemas);
      const format = select === 'own' ? OWN_VALUES : formatOf(job, schemas && framed.readerOf);
      const rows = createRowCollector(topic, fields, { keys: true, format });
      const deadLetters = createDeadLetterCollector(digests, maxDeadLetterBytes);
      const fits = createByteLimit(job.maxBytes, ranges);
      const take = (record: LogRecord): void => {
        const refusal = addOrRefuse(rows, record, reading);
        if (refusal instanceof MalformedRecord) deadLetters.add(record, refusal);
        else if (refusal !== undefined) framed.wait(record, refusal);
      };
      const keep: OnRecord = (record, leave) => {
        if (!fits(record)) {
          leave();
          return;
        }
        hash.add(record);
        take(record);
        report(rows.size() + deadLetters.size());
      };
      const onRecord = select === 'all' ? keep : onceEach(run, 'stream', belongsTo(run, 'stream'), keep);
      const rest = await reader.readRanges({ topic, ranges, signal, onRecord });
      await framed.settle(take, signal);
      const consumed = rows.rows();
      const bad = deadLetters.byPlace();
      const records = consumed.rows + bad.length;
      requireFewBad(reading, records, bad);
      const [first] = bad;
      const name = batchName(batch);
      return {
        rows: await tables.write({
          run,
          name: `${name}-rows`,
          schema: consumedSchema(topic, features),
          // Partitions arrive in any order; a retry stores the same artifact.
          batches: toConsumedBatches(consumed, await orderByPlace(consumed)),
        }),
        ...(first && {
          deadLetters: await tables.write({
            run,
            name: `${name}-dead-letters`,
            schema: DEAD_LETTER_SCHEMA,
            batches: toDeadLetterBatches(bad),
          }),
        }),
        read: { records, contentHash: hash.value() },
        deadLettered: bad.length,
        ...(consumed.rows === 0 && first && { firstBad: sampleBadRecord(first) }),
        ...(rest.length > 0 && { rest }),
        ...(typeof job.model === 'string' && { model }),
      };
    });
  };
}

async function orderByPlace({ partitions, offsets }: ConsumedRows): Promise<Int32Array> {
  return sortedOrder(partitions, pause, await sortedOrder(offsets, pause));
}

/** Each is cut to what its topic takes, and its bytes are copied: they are views of the broker's response. */
function createDeadLetterCollector(digests: Digests, maxBytes: number) {
  const deadLetters: DeadLetter[] = [];
  const copyOf = createByteCopies();
  const sha256 = (bytes: Uint8Array): string => digests.sha256(bytes);
  return {
    size: (): number => deadLetters.length,
    add(record: LogRecord, error: MalformedRecord): void {
      const { key, value, headers, ...letter } = toDeadLetter(cutToFit(record, maxBytes, sha256), error);
      deadLetters.push({
        ...letter,
        key: key && copyOf(key),
        value: value && copyOf(value),
        headers: headers.map(([name, bytes]) => [name, copyOf(bytes)]),
      });
    },
    byPlace: (): readonly DeadLetter[] =>
      deadLetters.sort((a, b) => a.partition - b.partition || a.offset - b.offset),
  };
}

/**
 * Each partition has an equal share of the bytes: partitions arrive in any order, and a retry must end where this attempt
 * does. The first record of each is taken, however large.
 */
function createByteLimit(maxBytes: number, ranges: readonly OffsetRange[]): (record: LogRecord) => boolean {
  const share = maxBytes / new Set(ranges.map(({ partition }) => partition)).size;
  const taken = new Map<number, number>();
  // Neighbours often share one array of headers.
  let last: LogRecord['headers'] | undefined;
  let headerBytes = 0;
  return ({ partition, key, value, headers }) => {
    if (headers !== last) {
      last = headers;
      headerBytes = headers.reduce((sum, [name, bytes]) => sum + name.length + bytes.length, 0);
    }
    const before = taken.get(partition) ?? 0;
    const after = before + (key?.length ?? 0) + (value?.length ?? 0) + headerBytes;
    if (before > 0 && after > share) return false;
    taken.set(partition, after);
    return true;
  };
}

function formatOf({ value }: StreamJob, readerOf: ValueFormat['readerOf']): ValueFormat {
  return { value, ...(readerOf && { readerOf }) };
}

/** @returns why the record cannot be scored, or the id of the schema that it needs first, if so */
function addOrRefuse(
  rows: Pick<ReturnType<typeof createRowCollector>, 'add'>,
  record: LogRecord,
  { topic, maxPredictionBytes, onBadRecord }: Reading,
): MalformedRecord | number | undefined {
  try {
    requireFittingKey(topic, record, maxPredictionBytes);
    return rows.add(record);
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
