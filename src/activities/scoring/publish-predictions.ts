import type { ArtifactRef } from '../../domain/artifact.ts';
import {
  deadLettersTopic,
  lanePublication,
  microBatchPublication,
  predictionsTopic,
} from '../../domain/names.ts';
import type { OffsetRange, TopicManifest } from '../../domain/log/offsets.ts';
import { deadLetterRecord } from '../../domain/log/dead-letter.ts';
import { consumedColumn } from '../../domain/log/consumed-rows.ts';
import { fromDeadLetterBatch } from '../../domain/log/dead-letter-table.ts';
import { createPredictionRecords, type PredictedBatch } from '../../domain/log/prediction.ts';
import type { OutgoingRecord } from '../../domain/log/record.ts';
import type { PublishPredictionsResult } from '../../domain/run/step-results.ts';
import type { JobRef } from '../../domain/stream/stream-job.ts';
import type { LaneClaim } from '../../domain/stream/workflow-inputs.ts';
import type { TableBatch, TableSchema } from '../../domain/table.ts';
import { withHeartbeat } from '../heartbeat.ts';
import type { RecordPublisher } from '../log/record-log.ts';
import type { Tables } from '../tables.ts';
import type { StreamJobs } from './stream-jobs.ts';

export interface PublishPredictionsInput {
  readonly job: JobRef;
  readonly lane: number;
  readonly batch: number;
  /** Tables: the consumed rows, their predictions, and the dead letters if there are any. */
  readonly rows: ArtifactRef;
  readonly scored: ArtifactRef;
  readonly deadLetters?: ArtifactRef;
  /** Of a continuous stream. */
  readonly claim?: LaneClaim;
  /** The ranges that the batch was read from. */
  readonly ranges: readonly OffsetRange[];
}

interface Deps {
  readonly tables: Tables;
  readonly publisher: RecordPublisher;
  readonly jobs: StreamJobs;
}

/**
 * Writes predictions, dead letters and the batch's completion marker in one transaction. A retry after a lost response,
 * or a worker that resumes late, finds the marker and writes nothing.
 */
export function createPublishPredictions({ tables, publisher, jobs }: Deps) {
  return async function publishPredictions(
    input: PublishPredictionsInput,
  ): Promise<PublishPredictionsResult> {
    const { job, lane, batch, claim, ranges } = input;
    return withHeartbeat(async (signal, onProgress) => {
      const { run, topic, predictionSchema } = await jobs.load(job);
      const { manifests } = await publisher.publishOnce({
        names: claim ? lanePublication(run, lane) : microBatchPublication(run, lane, batch),
        ...(claim && { laneBatch: { ...claim, batch, topic, ranges } }),
        batches: [
          {
            topic: predictionsTopic(topic),
            records: await readPredictions(tables, { run, topic, schemaId: predictionSchema }, input),
          },
          { topic: deadLettersTopic(topic), records: await readDeadLetters(tables, run, topic, input) },
        ],
        signal,
        onProgress,
      });
      return { predictions: manifests[0] as TopicManifest, deadLetters: manifests[1] as TopicManifest };
    });
  };
}

/** The numbers are in memory, the records are made when they are asked for. */
async function readPredictions(
  tables: Tables,
  about: Omit<PredictedBatch, 'modelVersion'>,
  { rows, scored }: PublishPredictionsInput,
): Promise<Iterable<OutgoingRecord>> {
  let modelVersion = '';
  const predictions = new Float64Array(scored.rows);
  let position = 0;
  const choosePrediction = ({ columns, metadata }: TableSchema): readonly string[] => {
    modelVersion = metadata?.['modelVersion'] ?? '';
    return columns.map(({ name }) => name);
  };
  for await (const { rows: count, columns } of tables.read(scored, choosePrediction)) {
    predictions.set(columns[0] as Float64Array, position);
    position += count;
  }
  const batches: TableBatch[] = [];
  for await (const batch of tables.read(rows, Object.values(consumedColumn))) batches.push(batch);
  return recordsOf({ ...about, modelVersion }, batches, predictions);
}

function* recordsOf(
  about: PredictedBatch,
  batches: readonly TableBatch[],
  predictions: Float64Array,
): Generator<OutgoingRecord> {
  const recordOf = createPredictionRecords(about);
  let position = 0;
  for (const { rows, columns } of batches) {
    const [rowIds, partitions, offsets, keys, actual] = columns as unknown as readonly [
      Float64Array,
      Int32Array,
      Float64Array,
      readonly (Uint8Array | null)[],
      Float64Array,
    ];
    for (let i = 0; i < rows; i += 1) {
      yield recordOf(keys[i] ?? null, {
        rowId: rowIds[i] as number,
        prediction: predictions[position] as number,
        actual: actual[i] as number,
        partition: partitions[i] as number,
        offset: offsets[i] as number,
      });
      position += 1;
    }
  }
}

async function readDeadLetters(
  tables: Tables,
  run: string,
  topic: string,
  { deadLetters }: PublishPredictionsInput,
): Promise<OutgoingRecord[]> {
  const records: OutgoingRecord[] = [];
  if (!deadLetters) return records;
  for await (const batch of tables.read(deadLetters)) {
    for (const deadLetter of fromDeadLetterBatch(batch))
      records.push(deadLetterRecord(run, topic, deadLetter));
  }
  return records;
}
