import type { PipelineStep } from '../../domain/run/progress.ts';

/** Who writes the artifacts of a run, by the beginning of their names; the first that fits. */
const WRITERS: readonly (readonly [name: RegExp, step: PipelineStep])[] = [
  [/^dataset-/, 'load'],
  [/^batch-consumed-/, 'consume batch'],
  [/^batch-\d{6,}-/, 'score stream'],
  [/^(train|batch|stream)-/, 'split'],
  [/^(trees|model|model-card)-/, 'train'],
  [/^predictions-/, 'reconcile'],
  [/^report-/, 'report'],
];

/** @param uri of an artifact, as an error names it */
export function stepOfArtifact(uri: string | undefined): PipelineStep | undefined {
  const name = uri?.split('/').at(-1) ?? '';
  return WRITERS.find(([pattern]) => pattern.test(name))?.[1];
}
