import type { Client } from '@temporalio/client';
import { adviceOn, isRetried, stepToReset } from '../../domain/run/advice.ts';
import { batchOf, workflowType } from '../../domain/names.ts';
import { COMMON_STEPS, PIPELINE_STEPS } from '../../domain/run/steps.ts';
import { findWorkflow, type FoundWorkflow, statusOf } from '../shared/client.ts';
import { commandText } from '../shared/failures.ts';
import { readEvents, startedWork, type StartedWork } from '../shared/history.ts';
import { isObject } from '../shared/input.ts';
import type { EndFinding, Remedy } from './diagnosis.ts';
import { findEnding } from './ending.ts';

type Choice = Omit<Remedy, 'isAdvised'>;

export async function findRemedies(client: Client, ended: FoundWorkflow, end: EndFinding): Promise<Remedy[]> {
  const { parent, top } = await climb(client, ended);
  const atTop = top === ended ? end : ((await findEnding(client, top)) ?? end);
  const choices = parent ? repairOf(ended, parent, end) : await choicesFor(client, top, atTop);
  const { recoveries } = adviceOn((atTop.outer ?? atTop.failure).type);
  const advised = recoveries.find((name) =>
    choices.some((choice) => choice.name === name && choice.command !== null),
  );
  return choices.map((choice) => ({ ...choice, isAdvised: choice.name === advised }));
}

/** A child continues through its parent: one in progress, or else the topmost that has ended too. */
async function climb(
  client: Client,
  ended: FoundWorkflow,
): Promise<{ readonly parent?: FoundWorkflow; readonly top: FoundWorkflow }> {
  const { parentExecution } = ended.description;
  const { workflowId, runId } = parentExecution ?? {};
  const parent = workflowId ? await findWorkflow(client, workflowId, runId ?? undefined) : undefined;
  if (!parent) return { top: ended };
  return statusOf(parent) === 'running' ? { parent, top: ended } : climb(client, parent);
}

function repairOf({ handle }: FoundWorkflow, parent: FoundWorkflow, { failure }: EndFinding): Choice[] {
  const stream = parent.handle.workflowId;
  const batch = batchOf(handle.workflowId.split('/').at(-1) ?? '');
  const repair = ['imdb', 'repair', stream, '--retry', ...(batch === undefined ? [] : [`${batch}`])];
  return [
    noRetry(failure.type),
    {
      name: 'repair',
      command: commandText(...repair),
      cost: 'runs this micro-batch again and nothing else; --skip leaves it out for good instead',
    },
    { name: 'reset', command: null, cost: `not needed while ${stream} is in progress` },
    { name: 'rerun', command: null, cost: `not needed while ${stream} is in progress` },
  ];
}

async function choicesFor(client: Client, top: FoundWorkflow, end: EndFinding): Promise<Choice[]> {
  const { handle, description } = top;
  const { workflowId } = handle;
  const events = await readEvents(handle);
  const settings = settingsOf(client, events[0]?.workflowExecutionStartedEventAttributes?.input);
  const isRun = description.type === workflowType.ratingPipeline;
  return [
    noRetry(end.failure.type),
    { name: 'repair', command: null, cost: 'too late: only while a stream waits for it' },
    isRun
      ? resetOf(workflowId, description.runId, startedWork(events), end)
      : {
          name: 'reset',
          command: null,
          cost: 'not for a stream: its next start continues where this one ended',
        },
    isRun
      ? {
          name: 'rerun',
          command: commandText('imdb', 'run', ...settings),
          cost: `a new run: all ${COMMON_STEPS.length} steps, with its own records and artifacts; same file and input give the same model`,
        }
      : {
          name: 'rerun',
          command: commandText('imdb', 'stream', 'start', '--id', workflowId, ...settings),
          cost: 'continues exactly where it ended: no record is left out, none is predicted twice',
        },
  ];
}

function noRetry(type: string): Choice {
  const cost = isRetried(type)
    ? 'over: the workflow has ended'
    : `not made: another attempt cannot fix ${/^[AEIOU]/.test(type) ? 'an' : 'a'} ${type}`;
  return { name: 'retry', command: null, cost };
}

export function resetOf(
  workflowId: string,
  runId: string,
  started: readonly StartedWork[],
  { failure, outer, path }: EndFinding,
): Choice {
  const step = stepToReset(
    { type: failure.type, where: failure.facts?.where, outerType: outer?.type },
    PIPELINE_STEPS.find((name) => path.includes(name)),
  );
  const work = started.find((candidate) => candidate.step === step);
  if (!step || !work) {
    return { name: 'reset', command: null, cost: 'no help: the same input and records would fail again' };
  }
  const kept = PIPELINE_STEPS.indexOf(step);
  const isPublished = started.some((earlier) => earlier.step === 'publish batch');
  const isBeforePublication = kept < PIPELINE_STEPS.indexOf('publish batch');
  const reset = ['temporal', 'workflow', 'reset', '--workflow-id', workflowId, '--run-id', runId];
  return {
    name: 'reset',
    command: commandText(...reset, '--event-id', `${work.resetEventId}`, '--reason', 'fixed'),
    cost:
      `repeats "${step}" and what follows, under the same id and input; ${kept} of ${COMMON_STEPS.length} steps keep their results` +
      (isPublished ? '; records that are published already are not written again' : '') +
      (isPublished && isBeforePublication ? ', so the data must be the same' : ''),
  };
}

type Payload = Parameters<Client['options']['loadedDataConverter']['payloadConverter']['fromPayload']>[0];

/** The input that a workflow was started with, as flags of `imdb run` that give it again. */
function settingsOf(
  { options }: Client,
  input: { readonly payloads?: readonly Payload[] | null } | null | undefined,
): string[] {
  const [payload] = input?.payloads ?? [];
  const value: unknown = payload && options.loadedDataConverter.payloadConverter.fromPayload(payload);
  return isObject(value) ? toSettings(value) : [];
}

/** `--set` splits its keys at dots; inputs are two levels deep at most. */
export function toSettings(input: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(input).flatMap(([key, value]) =>
    isObject(value) && Object.keys(value).length > 0
      ? Object.entries(value).flatMap(([inner, innerValue]) => [
          '--set',
          `${key}.${inner}=${toText(innerValue)}`,
        ])
      : ['--set', `${key}=${toText(value)}`],
  );
}

/** `--set` reads JSON first: a string that looks like JSON is quoted, so that it does not depend on its field. */
function toText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return JSON.stringify(value);
  } catch {
    return value;
  }
}
