import type { DataFact } from '../dataset/data-facts.ts';
import { describeMetrics, type RegressionMetrics } from '../model/metrics.ts';
import { describeDrift, hasChanged, type Drift } from '../dataset/quality/drift.ts';
import { toJsonBlock, toProse } from '../markdown.ts';
import { adviceOn, runbookAnchor, stepToReset, type ResettableFailure } from './advice.ts';
import type { PipelineInput } from './pipeline-input.ts';
import type { PipelineProgress, StepProgress } from './progress.ts';
import { counted, groupDigits } from '../text.ts';
import { runbookUrl } from './ui-links.ts';

const SHOWN_FEATURES = 40;

export interface RunFailure extends ResettableFailure {
  readonly message: string;
}

export type RunEnd =
  { readonly state: 'Completed' | 'Cancelled' } | { readonly state: 'Failed'; readonly failure: RunFailure };

/** What the details of a run show beside its steps. */
export interface RunNotes {
  /** With every default filled in; absent when it is wrong. */
  readonly input?: PipelineInput;
  /** What the load found. */
  readonly data?: readonly DataFact[];
  readonly metrics: readonly (readonly [of: string, metrics: RegressionMetrics])[];
  /** Absent until the dataset was checked. */
  readonly drift?: Drift;
  readonly links: readonly (readonly [text: string, url: string])[];
  /** Where the worker serves reports; null when it does not. */
  readonly served?: string | null;
  readonly report?: string;
  readonly end?: RunEnd;
}

/** The UI's current details of a run: a headline, then what it is made of. */
export function runDetails(progress: PipelineProgress, notes: RunNotes): string {
  const { input, data, metrics, links } = notes;
  return [
    ...headlines(progress, notes),
    stepTable(progress),
    'To repeat the run from a step on, click **Reset** and choose the event of that step.',
    ...(data ? [data.map(factLine).join('  \n')] : []),
    ...(metrics.length === 0
      ? []
      : [metrics.map(([of, values]) => `**${of}**: ${describeMetrics(values)}`).join('  \n')]),
    ...(links.length === 0 ? [] : [links.map(link).join(' · ')]),
    ...(input ? [`Input, defaults filled in:\n\n${toJsonBlock(shortened(input))}`] : []),
  ].join('\n\n');
}

/** Details show a form, not a file: a list may name thousands of features. */
function shortened(input: PipelineInput): unknown {
  const { features } = input.dataset;
  if (features === 'numeric' || features.length <= SHOWN_FEATURES) return input;
  const more = `… and ${groupDigits(features.length - SHOWN_FEATURES)} more`;
  return { ...input, dataset: { ...input.dataset, features: [...features.slice(0, SHOWN_FEATURES), more] } };
}

function factLine({ label, lines }: DataFact): string {
  return `**${label}**: ${toProse(lines.join('; '))}`;
}

/** The current details of a stream that has ended, which no longer runs whatever its last details said. */
export function endedStreamDetails(
  end: RunEnd,
  served: string | null,
  done?: { readonly batches: number; readonly predicted: number; readonly deadLettered: number },
): string {
  if (end.state === 'Failed')
    return headlines({ steps: [] }, { metrics: [], links: [], served, end }).join('\n\n');
  const counts = done
    ? ` · ${counted(done.batches, 'micro-batch')}, ${done.predicted} rows predicted, ${done.deadLettered} dead-lettered`
    : '';
  return `**${end.state}**${counts}`;
}

function headlines(progress: PipelineProgress, notes: RunNotes): string[] {
  const { end } = notes;
  const summary = [...qualityOf(notes), ...driftOf(notes), ...slowestOf(progress), ...reportOf(notes)];
  const line = (state: string): string => [state, ...summary].join(' · ');
  switch (end?.state) {
    case undefined:
      return [...requests(progress), line(position(progress))];
    case 'Completed':
      return [line(`**Completed** in ${seconds(totalOf(progress))} s`)];
    case 'Cancelled':
      return [
        line(`**Cancelled${at(progress) || after(progress)}**`),
        remedy({ type: 'Cancelled' }, progress, notes),
      ];
    case 'Failed':
      return [
        line(`**Failed${at(progress)}: ${end.failure.type}**`),
        toProse(end.failure.message),
        remedy(end.failure, progress, notes),
      ];
  }
}

/** True of a terminated run too, which no code of its own can note. */
function position(progress: PipelineProgress): string {
  const current = newest(progress);
  if (!current) return `**Before step 1 of ${progress.steps.length}**`;
  const number = progress.steps.indexOf(current) + 1;
  const since = current.begunAt === undefined ? '' : `, begun at ${current.begunAt.slice(11, 19)} UTC`;
  return `**Step ${number} of ${progress.steps.length}: ${current.step}**${since}`;
}

function requests({ isPaused, attention, waiting }: PipelineProgress): string[] {
  return [
    ...(waiting === undefined ? [] : [`**Waiting**: the run ${waiting}`]),
    ...(isPaused ? ['**Paused**: send the signal `resume`'] : []),
    ...(attention === undefined ? [] : [`**Needs attention**: ${toProse(attention)}`]),
  ];
}

function qualityOf({ metrics }: RunNotes): string[] {
  if (metrics.length === 0) return [];
  return [`RMSE ${metrics.map(([of, { rmse }]) => `${rmse.toFixed(3)} on the ${of}`).join(', ')}`];
}

/** Nothing while there is none: the line of the step `load` says so. */
function driftOf({ drift }: RunNotes): string[] {
  return drift && hasChanged(drift) ? [toProse(describeDrift(drift))] : [];
}

function slowestOf({ steps }: PipelineProgress): string[] {
  const [slowest] = steps.filter(({ state }) => state === 'done').sort((a, b) => b.seconds - a.seconds);
  return slowest ? [`slowest step: ${slowest.step}, ${seconds(slowest.seconds)} s`] : [];
}

function reportOf({ report }: RunNotes): string[] {
  return report === undefined ? [] : [link(['report', report])];
}

function totalOf({ steps }: PipelineProgress): number {
  return steps.reduce((sum, step) => sum + step.seconds, 0);
}

function endedAt({ steps }: PipelineProgress): StepProgress | undefined {
  return steps.find(({ state }) => state === 'failed' || state === 'cancelled');
}

function at(progress: PipelineProgress): string {
  const step = endedAt(progress)?.step;
  return step === undefined ? '' : ` at ${step}`;
}

/** The newest of the steps that have begun. */
function newest({ steps }: PipelineProgress): StepProgress | undefined {
  return steps.findLast(({ state }) => state !== 'pending');
}

/** A step may succeed in spite of a cancellation; a reset to the next one would repeat the request, so none has begun. */
function after(progress: PipelineProgress): string {
  const step = newest(progress)?.step;
  return step === undefined ? '' : ` after ${step}`;
}

function remedy(failure: ResettableFailure, progress: PipelineProgress, { served }: RunNotes): string {
  const { type } = failure;
  const name = stepToReset(failure, (endedAt(progress) ?? newest(progress))?.step);
  const eventId = progress.steps.find(({ step }) => step === name)?.resetEventId;
  const reset =
    name === undefined || eventId === undefined
      ? ''
      : ` **Reset** to event **${eventId}** repeats the run from ${name} on.`;
  const more = served ? link(['Runbook', runbookUrl(served, type)]) : `Runbook: \`${runbookAnchor(type)}\``;
  return `**What to do**: ${toProse(adviceOn(type).whatToDo)}${reset} ${more}`;
}

/** The UI's tables have no space between columns: without it `done` touches the result. */
const GAP = '\u2003';
const NO_BREAK = '\u00a0\u00a0';

function stepTable({ steps }: PipelineProgress): string {
  const rows = steps.map((progress) => {
    const { step, state, detail, resetEventId = '' } = progress;
    // Details are text of the past: a step that is running has taken longer by now.
    const took = state === 'pending' || state === 'running' ? '' : seconds(progress.seconds);
    return `| ${step}${GAP} | ${state}${GAP} | ${toProse(detail)} | ${took} | ${GAP}${resetEventId} |`;
  });
  return [
    `| step | state | result${NO_BREAK} | seconds | ${NO_BREAK}event |`,
    '| --- | --- | --- | --: | --: |',
    ...rows,
  ].join('\n');
}

function seconds(value: number): string {
  return value.toFixed(1);
}

function link([text, url]: readonly [text: string, url: string]): string {
  return `[${text}](${url})`;
}
