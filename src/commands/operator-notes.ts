import type { PipelineProgress } from '../domain/progress.ts';

/** What a run waits for a person for, and the command that lets it go on. */
export function operatorNotes(
  workflowId: string,
  { isPaused, attention }: Pick<PipelineProgress, 'isPaused' | 'attention'>,
): string[] {
  return [
    ...(isPaused ? [`paused: go on with "imdb resume ${workflowId}"`] : []),
    ...(attention === undefined
      ? []
      : [
          `needs attention: ${attention}`,
          `  try again: imdb repair ${workflowId} --retry`,
          `  leave out: imdb repair ${workflowId} --skip`,
        ]),
  ];
}
