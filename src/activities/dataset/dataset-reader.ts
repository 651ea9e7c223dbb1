import type { RatingRows, RatingSchema } from '../../domain/dataset/rating-table.ts';
import type { PipelineInput } from '../../domain/run/pipeline-input.ts';
import type { LoadDatasetResult } from '../../domain/run/step-results.ts';
import type { DataFile } from './data-directory.ts';

export type ReadOptions = Pick<
  PipelineInput['dataset'],
  | 'comment'
  | 'decimal'
  | 'delimiter'
  | 'encoding'
  | 'features'
  | 'header'
  | 'key'
  | 'maxBadRows'
  | 'maxMissing'
  | 'target'
>;

/** Port: tables in files. */
export interface DatasetReader {
  /**
   * Reads the whole file once, as a stream, outside this thread. Numbers, keys and labels are kept until `close`.
   *
   * @param report takes the number of rows read so far
   * @throws DatasetError, InvalidInput; the system's errors when the file can't be read
   */
  read(
    file: DataFile,
    options: ReadOptions,
    signal: AbortSignal,
    report: (rows: number) => void,
  ): Promise<ReadDataset>;
}

/** What the file says, without what the caller knows. */
export type DatasetFacts = Omit<LoadDatasetResult, 'asOf' | 'source' | 'table'>;

export interface ReadDataset {
  readonly facts: DatasetFacts;
  readonly schema: RatingSchema;
  /** Of the file as it is on disk. */
  readonly sha256: string;
  readonly bytes: number;
  /** The rows without a gap in a used column, in batches of bounded size; can be read once. */
  rows(): AsyncIterable<RatingRows>;
  close(): Promise<void>;
}
