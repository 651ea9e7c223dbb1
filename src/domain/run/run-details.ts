import { describeMetrics, type RegressionMetrics } from '../model/metrics.ts';
import { toJsonBlock } from '../markdown.ts';
import type { PipelineInput } from './pipeline-input.ts';
import { toMarkdown, type PipelineProgress } from './progress.ts';

/** What the details of a run show beside its steps. */
export interface RunNotes {
  /** With every default filled in. */
  readonly input: PipelineInput;
  readonly metrics: readonly (readonly [of: string, metrics: RegressionMetrics])[];
  readonly links: readonly (readonly [text: string, url: string])[];
}

/** The UI's current details of a run. */
export function runDetails(progress: PipelineProgress, { input, metrics, links }: RunNotes): string {
  return [
    toMarkdown(progress),
    ...(metrics.length === 0
      ? []
      : [metrics.map(([of, values]) => `**${of}**: ${describeMetrics(values)}`).join('  \n')]),
    ...(links.length === 0 ? [] : [links.map(([text, url]) => `[${text}](${url})`).join(' · ')]),
    `Input, defaults filled in:\n\n${toJsonBlock(input)}`,
  ].join('\n\n');
}
