import type { RatingNumbers, RatingSchema } from '../../domain/dataset/rating-table.ts';
import type { PackedRecords } from '../../domain/log/packed-records.ts';
import type { PublishedSplit } from '../../domain/names.ts';

/** What the records of a split have in common. */
export interface RecordForm {
  readonly run: string;
  readonly split: PublishedSplit;
  readonly schema: RatingSchema;
  /** Of the schema that the values are framed with; undefined: no frame. */
  readonly schemaId: number | undefined;
}

/** Port: the records of rows, made beside the thread that sends them. */
export interface RecordPacker {
  /** The rows are copied at once. @throws Error when the worker stops */
  pack(form: RecordForm, rows: RatingNumbers): Promise<PackedRecords>;
}
