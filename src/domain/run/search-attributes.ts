/** What runs and streams can be found by; registered by `imdb setup` and by the local server. */
export const SEARCH_ATTRIBUTES = {
  PipelineState: 'Keyword',
  PipelineStep: 'Keyword',
  /** Of the CSV. */
  DatasetSha: 'Keyword',
  ModelVersion: 'Keyword',
  /** On the batch split. */
  Rmse: 'Double',
  RowsScored: 'Int',
} as const;

export type PipelineState = 'Running' | 'Paused' | 'NeedsAttention' | 'Completed' | 'Failed' | 'Cancelled';

export interface SearchAttributeValues {
  readonly PipelineState?: PipelineState;
  readonly PipelineStep?: string;
  readonly DatasetSha?: string;
  readonly ModelVersion?: string;
  readonly Rmse?: number;
  readonly RowsScored?: number;
}
