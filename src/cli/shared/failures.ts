import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  ChildWorkflowFailure,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { type Client, WorkflowFailedError } from '@temporalio/client';
import type { ErrorFacts } from '../../domain/errors.ts';
import { timeoutText } from '../../domain/run/trouble.ts';
import type { PipelineProgress } from '../../domain/run/progress.ts';
import { describeError, RunFailed } from './exit.ts';

export type Facts = Omit<ErrorFacts, 'cause'>;

export interface FailureDescription {
  /** The path down to what failed, e.g. `scoreStream › scoreMicroBatch › publishPredictions`. */
  readonly step: string;
  readonly type: string;
  readonly message: string;
  /** Of this project's own errors: place, expected, got and what to do. */
  readonly facts?: Facts;
  /** The chain of causes, nearest first: `type: message`. */
  readonly causes: readonly string[];
}

/** For callers that show the path separately. */
export type Failure = Omit<FailureDescription, 'step'>;

export function withoutStep({ step: _step, ...failure }: FailureDescription): Failure {
  return failure;
}

/** A failure of Temporal's protocol, e.g. of a pending activity. */
export type RawFailure = Parameters<
  Client['options']['loadedDataConverter']['failureConverter']['failureToError']
>[0];

/** What failed and why, from Temporal's chain of failures. */
export function describeFailure(error: unknown): FailureDescription {
  const path: string[] = [];
  let current = error instanceof WorkflowFailedError ? (error.cause ?? error) : error;
  while (current instanceof ActivityFailure || current instanceof ChildWorkflowFailure) {
    path.push(current instanceof ActivityFailure ? current.activityType : current.workflowType);
    if (!current.cause) break;
    current = current.cause;
  }
  const facts = factsOf(current);
  return {
    step: path.join(' › ') || 'the workflow itself',
    ...typeAndMessage(current),
    ...(facts && { facts }),
    causes: causesOf(current),
  };
}

export function toError({ options }: Client, failure: RawFailure): Error {
  const { failureConverter, payloadConverter } = options.loadedDataConverter;
  return failureConverter.failureToError(failure, payloadConverter);
}

/** How a workflow failed, in one line: step, type, message, link. Errors of the call itself stay what they are. */
export function runFailed(workflowId: string, url: string, error: unknown): Error {
  if (!(error instanceof WorkflowFailedError))
    return error instanceof Error ? error : new Error(String(error));
  const { step, type, message } = describeFailure(error);
  return new RunFailed(`${workflowId} failed in ${step}: ${type}: ${message} – ${url}`, { cause: error });
}

function typeAndMessage(failure: unknown): Pick<FailureDescription, 'type' | 'message'> {
  if (failure instanceof ApplicationFailure)
    return { type: failure.type ?? 'Error', message: failure.message };
  if (failure instanceof TimeoutFailure) {
    const message = `${failure.message} (${failure.timeoutType})`;
    return { type: 'Timeout', message: timeoutText(message, failure.failure?.cause) };
  }
  if (failure instanceof CancelledFailure) return { type: 'Cancelled', message: 'it was cancelled' };
  if (failure instanceof TerminatedFailure) return { type: 'Terminated', message: failure.message };
  return { type: 'Error', message: describeError(failure) };
}

function factsOf(failure: unknown): Facts | undefined {
  const [facts] = failure instanceof ApplicationFailure ? (failure.details ?? []) : [];
  const isOurs = typeof facts === 'object' && facts !== null && 'what' in facts;
  return isOurs ? (facts as Facts) : undefined;
}

function causesOf(failure: unknown): string[] {
  const cause = failure instanceof Error ? failure.cause : undefined;
  if (!(cause instanceof Error)) return [];
  const { type, message } = typeAndMessage(cause);
  // An error that workflow code throws is its own cause.
  const isNew = message !== (failure as Error).message;
  return [...(isNew ? [`${type}: ${message}`] : []), ...causesOf(cause)];
}

/** Why a run waits for its turn or an operator, and the commands that let it continue. */
export function operatorNotes(
  workflowId: string,
  progress: Pick<PipelineProgress, 'isPaused' | 'attention' | 'waiting' | 'isRetried' | 'steps'>,
): string[] {
  const { isPaused, attention, waiting } = progress;
  return [
    ...(waiting === undefined ? [] : [waiting]),
    ...(isPaused ? [`paused: continue with "${resumeCommand(workflowId)}"`] : []),
    ...(attention === undefined
      ? []
      : [
          `needs attention: ${attention}`,
          ...commandsFor(workflowId, progress).map((command) => `  ${command}`),
        ]),
  ];
}

function commandsFor(
  workflowId: string,
  { isRetried, steps }: Pick<PipelineProgress, 'isRetried' | 'steps'>,
): string[] {
  if (isRetried) return [];
  return asksForApproval({ steps }) ? approvalCommands(workflowId) : repairCommands(workflowId);
}

/** Otherwise it needs attention for failed micro-batches of its stream. */
export function asksForApproval({ steps }: Pick<PipelineProgress, 'steps'>): boolean {
  return steps.some(({ step, state }) => step === 'promote' && state === 'running');
}

export function resumeCommand(workflowId: string): string {
  return commandText('imdb', 'resume', workflowId);
}

/** @param workflowId of a stream or its run */
export function repairCommands(workflowId: string): string[] {
  return [
    `retry: ${commandText('imdb', 'repair', workflowId, '--retry')}`,
    `skip:  ${commandText('imdb', 'repair', workflowId, '--skip')}`,
  ];
}

export function approvalCommands(workflowId: string): string[] {
  return [
    `yes: ${commandText('imdb', 'approve', workflowId)}`,
    `no:  ${commandText('imdb', 'reject', workflowId)}`,
  ];
}

/** A command to copy, quoted for the shell. */
export function commandText(...args: readonly string[]): string {
  return args.map(quoted).join(' ');
}

function quoted(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", `'\\''`)}'`;
}
