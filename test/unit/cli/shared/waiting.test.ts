import { expect, test } from 'vitest';
import type { Pending, PendingActivity } from '../../../../src/cli/shared/pending.ts';
import { waitingLines } from '../../../../src/cli/shared/waiting.ts';

const NOW = '2026-11-22T02:10:00.000Z';
const EARLIER = '2026-11-22T02:09:00.000Z';
const ASKED = { workflowId: 'nightly', unanswered: undefined, now: NOW };

function activityOf(change: Partial<PendingActivity> = {}): PendingActivity {
  return {
    workflowId: 'nightly',
    step: 'publish batch',
    activity: 'publishSplit',
    state: 'running',
    attempt: 1,
    since: EARLIER,
    nextAttemptAt: null,
    givenUpAt: null,
    failure: null,
    ...change,
  };
}

function pendingOf(change: Partial<Pending> = {}): Pending {
  return { missingWorkers: [], failingCode: undefined, activities: [], ...change };
}

const failure = { type: 'BrokerError', message: 'cannot reach\nkafka:9092', causes: [] };

test('a retried step is shown with its attempt, its next retry and its last error', () => {
  const retried = activityOf({
    state: 'waits for its next attempt',
    attempt: 3,
    nextAttemptAt: '2026-11-22T02:10:42.000Z',
    failure,
  });

  expect(waitingLines([pendingOf({ activities: [activityOf(), retried] })], ASKED)).toEqual([
    'waits for publish batch (publishSplit): attempt 3, next retry at 2026-11-22 02:10:42 UTC, ' +
      'last error: BrokerError: cannot reach\\x0akafka:9092',
    'waits for publish batch (publishSplit): attempt 1, running',
  ]);
});

test('an activity that has just begun is not shown, unless it has failed', () => {
  const fresh = activityOf({ since: NOW });

  expect(waitingLines([pendingOf({ activities: [fresh] })], ASKED)).toEqual([]);
  expect(waitingLines([pendingOf({ activities: [{ ...fresh, attempt: 2, failure }] })], ASKED)).toHaveLength(
    1,
  );
});

test('a task queue without a worker is named once, with the command that starts one', () => {
  const missing = {
    workflowId: 'nightly',
    taskQueue: 'imdb',
    role: 'workflows',
    since: EARLIER,
    lastPollAt: null,
  } as const;
  const pending = pendingOf({ missingWorkers: [missing] });
  const line =
    'no worker answers on task queue "imdb" for role workflows: start one with "imdb worker" and TASK_QUEUE=imdb';

  expect(waitingLines([pending, pending], { ...ASKED, unanswered: 'imdb' })).toEqual([line]);
  expect(waitingLines([pendingOf()], { ...ASKED, unanswered: 'imdb' })).toEqual([line]);
});

test('a training queue without a free worker says that it may be busy', () => {
  const missing = {
    workflowId: 'nightly',
    taskQueue: 'imdb-training',
    role: 'training',
    since: EARLIER,
    lastPollAt: EARLIER,
  } as const;

  expect(waitingLines([pendingOf({ missingWorkers: [missing] })], ASKED)).toEqual([
    'no worker answers on task queue "imdb-training" for role training (last poll 60 s ago), or each is busy with another training: ' +
      'start one with "imdb worker" and TASK_QUEUE=imdb',
  ]);
});

test('failing workflow code is not mistaken for a missing worker', () => {
  const failingCode = { workflowId: 'nightly', since: EARLIER, failure };

  expect(waitingLines([pendingOf({ failingCode })], { ...ASKED, unanswered: 'imdb' })).toEqual([
    'the workflow code of nightly fails: BrokerError: cannot reach\\x0akafka:9092. Correct it, then restart the worker',
  ]);
});

test('three of many activities are shown, those of children with a workflow id', () => {
  const activities = Array.from({ length: 5 }, () =>
    activityOf({ workflowId: 'nightly/stream/batch-000001' }),
  );
  const lines = waitingLines([pendingOf(), pendingOf({ activities })], ASKED);

  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^nightly\/stream\/batch-000001 waits for publish batch/);
  expect(lines.at(-1)).toBe('waits for 2 more activities');
});
