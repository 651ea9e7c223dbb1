import { clockText } from '../../domain/text.ts';
import { adviceOn, isRetried, runbookAnchor } from '../../domain/run/advice.ts';
import { workerTaskQueue } from '../../domain/roles.ts';
import type { Failure } from '../shared/failures.ts';
import { printableText, spanText } from '../shared/text.ts';
import type { ActivityFinding, Diagnosis, EndFinding, Finding } from './diagnosis.ts';

/** A stream has many micro-batches with the same problem. */
const MAX_SHOWN_ACTIVITIES = 3;
const MAX_SHOWN_CAUSES = 3;
/** Messages come from servers and files: each is shown as one bounded line. */
const MAX_TEXT_CHARS = 600;
const MAX_CAUSE_CHARS = 200;

/** What is wrong, where, and what to do, in this order. */
export function diagnosisText(diagnosis: Diagnosis, now: string): string {
  const { workflowId, status, startedAt, closedAt, uiUrl, findings, remedies } = diagnosis;
  const time = closedAt
    ? `${clockText(closedAt)}, after ${spanText(startedAt, closedAt)}`
    : `for ${spanText(startedAt, now)}`;
  const activities = findings.filter(({ kind }) => kind === 'activity');
  const shown = findings.filter(
    (finding) => finding.kind !== 'activity' || activities.indexOf(finding) < MAX_SHOWN_ACTIVITIES,
  );
  const hidden = findings.length - shown.length;
  return [
    `${workflowId}: ${status} ${time} – ${uiUrl}`,
    ...(findings.length === 0 ? ['', nothingWrong(status)] : []),
    ...shown.flatMap((finding) => ['', ...findingLines(finding, workflowId, now)]),
    ...(hidden > 0 ? ['', `… and ${hidden} more activities`] : []),
    ...(remedies.length === 0 ? [] : ['', 'To continue:']),
    ...remedies.flatMap(({ name, command, cost, isAdvised }) => [
      `${isAdvised ? '→' : ' '} ${name.padEnd(7)} ${command ?? `– ${cost}`}`,
      ...(command === null ? [] : [`  ${' '.repeat(7)} ${cost}`]),
    ]),
  ].join('\n');
}

function nothingWrong(status: string): string {
  return status === 'running'
    ? 'Nothing is wrong: it only needs more time.'
    : `Nothing to explain: it ${status === 'completed' ? 'completed' : `is ${status}`}.`;
}

function findingLines(finding: Finding, asked: string, now: string): string[] {
  switch (finding.kind) {
    case 'no worker': {
      const { taskQueue, role, since, lastPollAt } = finding;
      const seen = lastPollAt
        ? `the last poll was ${spanText(lastPollAt, now)} ago`
        : 'none in the last minutes';
      return [
        `✖ no worker polls task queue "${taskQueue}" (${seen}): work for role ${role} has waited for ${spanText(since, now)}`,
        ...(role === 'training' ? ['  or each is busy with a training: a worker takes one at a time'] : []),
        `  to do     start one with "imdb worker", with TASK_QUEUE=${workerTaskQueue(taskQueue)}; the work then continues`,
      ];
    }
    case 'stuck':
      return [
        `✖ the code of ${finding.workflowId} has failed since ${clockText(finding.since)} (${spanText(finding.since, now)} ago)`,
        ...failureLines(finding.failure),
        '  to do     run the version that started this workflow, or correct the code; then restart the worker',
      ];
    case 'needs attention':
      return [
        `! ${finding.workflowId} waits for an operator: ${printableText(finding.question, MAX_TEXT_CHARS)}`,
        ...finding.failedBatches.map(
          ({ batch, place, reason }) =>
            `  batch ${batch}, ${place}: ${printableText(reason, MAX_TEXT_CHARS)}`,
        ),
        ...finding.commands.map((command) => `  ${command}`),
      ];
    case 'paused':
      return [`! ${finding.workflowId} is paused. Continue with: ${finding.commands.join('; ')}`];
    case 'waiting':
      return [`… ${finding.workflowId} ${finding.reason}`];
    case 'activity':
      return activityLines(finding, now);
    case 'end':
      return endLines(finding, asked);
  }
}

function activityLines(finding: ActivityFinding, now: string): string[] {
  const { workflowId, step, activity, state, attempt, since, nextAttemptAt, givenUpAt, failure } = finding;
  const name = step ? `${step} (${activity})` : `${workflowId} › ${activity}`;
  const next = nextAttemptAt ? `; next attempt in ${spanText(now, nextAttemptAt)}` : `, ${state}`;
  const until = givenUpAt ? `, retried until ${clockText(givenUpAt)} (${spanText(now, givenUpAt)})` : '';
  if (!failure) return [`… ${name}: attempt ${attempt}${next}, for ${spanText(since, now)}`];
  return [
    `✖ ${name} has failed for ${spanText(since, now)}: attempt ${attempt}${next}${until}`,
    ...failureLines(failure),
    ...adviceLines(failure.type, 'The step continues when the cause is fixed.'),
  ];
}

function endLines({ workflowId, path, attempts, failure, outer }: EndFinding, asked: string): string[] {
  const attempt = attempts > 1 ? `, after ${attempts} attempts` : '';
  const isNamed = path.includes(workflowId) || (workflowId === asked && path.length > 0);
  return [
    `✖ ${(isNamed ? path : [workflowId, ...path]).join(' › ')}${attempt}`,
    ...failureLines(failure),
    ...(outer ? [`  in        ${outer.type}: ${printableText(outer.message, MAX_TEXT_CHARS)}`] : []),
    ...adviceLines(failure.type, isRetried(failure.type) ? '' : 'Not retried.'),
  ];
}

function failureLines({ type, message, facts, causes }: Failure): string[] {
  const { what, where, expected, got } = facts ?? { what: message };
  const line = (label: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`  ${label.padEnd(9)} ${printableText(text, MAX_TEXT_CHARS)}`];
  return [
    `  ${type}: ${printableText(what, MAX_TEXT_CHARS)}`,
    ...line('place', where),
    ...line('expected', expected),
    ...line('got', got),
    ...causes
      .slice(0, MAX_SHOWN_CAUSES)
      .flatMap((cause) => line('cause', printableText(cause, MAX_CAUSE_CHARS))),
    ...line('hint', facts?.hint),
  ];
}

function adviceLines(type: string, more: string): string[] {
  const { meaning, whatToDo } = adviceOn(type);
  return [
    `  means     ${meaning}${more && `. ${more}`}`,
    `  to do     ${whatToDo}`,
    `  more      ${runbookAnchor(type)}`,
  ];
}
