import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { RunFailed } from '../../../../src/cli/shared/exit.ts';
import {
  commandText,
  describeFailure,
  operatorNotes,
  runFailed,
} from '../../../../src/cli/shared/failures.ts';

describe('a run that waits for an operator', () => {
  const steps = [{ step: 'score stream', state: 'running', detail: '', seconds: 1 }] as const;

  test('gives the commands that let it continue', () => {
    expect(operatorNotes('nightly', { steps })).toEqual([]);
    expect(operatorNotes('nightly', { steps, isPaused: true, attention: '1 failed' })).toEqual([
      'paused: continue with "imdb resume nightly"',
      'needs attention: 1 failed',
      '  retry: imdb repair nightly --retry',
      '  skip:  imdb repair nightly --skip',
    ]);
  });

  test('says first that it waits for its turn', () => {
    expect(operatorNotes('nightly', { steps, waiting: 'waits', isPaused: true })).toEqual([
      'waits',
      'paused: continue with "imdb resume nightly"',
    ]);
  });

  test('that continues by itself names no command', () => {
    const attention = 'publish batch has not succeeded';
    expect(operatorNotes('nightly', { steps, attention, isRetried: true })).toEqual([
      `needs attention: ${attention}`,
    ]);
  });

  test('for approval gives the commands that approve and reject', () => {
    const promote = [{ ...steps[0], step: 'promote' }] as const;
    expect(operatorNotes('nightly', { steps: promote, attention: 'approve?' })).toEqual([
      'needs attention: approve?',
      '  yes: imdb approve nightly',
      '  no:  imdb reject nightly',
    ]);
  });
});

test('a failed workflow is one line, and a failed call is not a failed workflow', () => {
  const failure = ApplicationFailure.create({ type: 'DatasetError', message: 'no such file' });
  const failed = runFailed('nightly', 'http://ui', new WorkflowFailedError('failed', failure, 'TIMEOUT'));
  const call = new Error('connection lost');

  expect(failed).toBeInstanceOf(RunFailed);
  expect(failed.message).toBe(
    'nightly failed in the workflow itself: DatasetError: no such file – http://ui',
  );
  expect(runFailed('nightly', 'http://ui', call)).toBe(call);
});

test('the time for all attempts is over: the failure of the last attempt is named', () => {
  const timeout = new TimeoutFailure('activity ScheduleToClose timeout', undefined, 'SCHEDULE_TO_CLOSE');
  // As the server gives it; the SDK drops the cause.
  timeout.failure = {
    cause: { message: 'cannot publish', applicationFailureInfo: { type: 'BrokerError' } },
  };
  expect(describeFailure(timeout)).toMatchObject({
    type: 'Timeout',
    message:
      'activity ScheduleToClose timeout (SCHEDULE_TO_CLOSE); the last attempt failed with BrokerError: cannot publish',
  });
});

test('a command can be copied into a shell', () => {
  expect(commandText('imdb', 'run', '--set', 'a.b=c-d_e')).toBe('imdb run --set a.b=c-d_e');
  expect(commandText('--set', 'x=["a b"]', 'it’s', "it's", '')).toBe(
    `--set 'x=["a b"]' 'it’s' 'it'\\''s' ''`,
  );
});
