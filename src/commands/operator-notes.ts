import type { PipelineProgress } from '../domain/progress.ts';

/** What a run waits for a person for, and the command that lets it go on. */
export function operatorNotes(
  workflowId: string,
  { isPaused, attention, steps = [] }: Omit<PipelineProgress, 'steps'> & Partial<PipelineProgress>,
): string[] {
  const isAsking = steps.some(({ step, state }) => step === 'promote' && state === 'running');
  const answers = isAsking
    ? [`  yes: imdb approve ${workflowId}`, `  no:  imdb reject ${workflowId}`]
    : [`  try again: imdb repair ${workflowId} --retry`, `  leave out: imdb repair ${workflowId} --skip`];
  return [
    ...(isPaused ? [`paused: go on with "imdb resume ${workflowId}"`] : []),
    ...(attention === undefined ? [] : [`needs attention: ${attention}`, ...answers]),
  ];
}
