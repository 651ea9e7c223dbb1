import type { ContinuousResult, ScoreStreamResult } from '../domain/step-results.ts';

export type StreamResult = ContinuousResult | ScoreStreamResult;

const number = new Intl.NumberFormat('en-US');

/** How a stream ended, for people. */
export function streamSummary(workflowId: string, result: StreamResult): string {
  const { predicted, deadLettered, batches } = result;
  const lines = [
    `${number.format(predicted)} rows predicted, ${number.format(deadLettered)} dead-lettered in ` +
      `${number.format(batches)} micro-batches`,
  ];
  return [...lines, ...('finished' in result ? continuous(workflowId, result) : ranges(result))].join('\n');
}

function continuous(
  workflowId: string,
  { topic, finished, lag, failed, skipped }: ContinuousResult,
): string[] {
  const places = finished.map(({ partition, offset }) => `${topic}[${partition}]@${offset}`);
  return [
    ...(skipped > 0 ? [`Micro-batches left out by an operator: ${number.format(skipped)}`] : []),
    ...(failed.length > 0
      ? [`Failed and not repaired, ${failed.length}; the next start scores them again:`]
      : []),
    ...failed.map(({ batch, reason }) => `  batch ${batch}: ${reason}`),
    `The next start of "${workflowId}" goes on at ${places.join(', ') || 'the start'}` +
      (lag === null ? '' : `; lag ${number.format(lag)}`),
  ];
}

function ranges({ skipped = [] }: ScoreStreamResult): string[] {
  return [
    ...(skipped.length > 0 ? ['Left out by an operator:'] : []),
    ...skipped.map(({ batch, reason }) => `  batch ${batch}: ${reason}`),
  ];
}
