import type { RatingNumbers } from '../../domain/dataset/rating-table.ts';
import type { PackedRecords, RecordForm } from '../../domain/log/packed-records.ts';

/** Port: the records of rows, made beside the thread that sends them. */
export interface RecordPacker {
  /** The rows are copied at once. @throws Error when the worker stops */
  pack(form: RecordForm, rows: RatingNumbers): Promise<PackedRecords>;
}
