/** The steps of a run, in order; what the `progress` query and the CLI show. */
export const PIPELINE_STEPS = [
  'load',
  'split',
  'publish batch',
  'consume batch',
  'train',
  'evaluate',
  'publish stream',
  'score stream',
  'reconcile',
  'report',
] as const;
export type PipelineStep = (typeof PIPELINE_STEPS)[number];

export interface StepProgress {
  readonly step: PipelineStep;
  readonly state: 'pending' | 'running' | 'done' | 'failed';
  /** What it did, with numbers; empty until it is done. */
  readonly detail: string;
  /** Wall-clock; of a running step: so far. */
  readonly seconds: number;
}

/** Answer of `ratingPipeline`'s query `progress`. */
export interface PipelineProgress {
  readonly steps: readonly StepProgress[];
}

/** Answer of `scoreStream`'s query `progress`. */
export interface StreamProgress {
  readonly batches: number;
  readonly done: number;
  readonly failed: number;
  readonly predicted: number;
  readonly deadLettered: number;
}

export function toMarkdown({ steps }: PipelineProgress): string {
  const rows = steps.map(
    ({ step, state, detail, seconds }) =>
      `| ${step} | ${state} | ${detail} | ${state === 'pending' ? '' : seconds.toFixed(1)} |`,
  );
  return ['| step | state | result | seconds |', '| --- | --- | --- | --: |', ...rows].join('\n');
}
