import { describe, expect, test } from 'vitest';
import { diagnosisText } from '../../../../src/cli/explain/text.ts';
import type { ActivityFinding, Diagnosis, Finding } from '../../../../src/cli/explain/diagnosis.ts';
import type { Failure } from '../../../../src/cli/shared/failures.ts';

const STARTED = '2026-11-22T02:00:00.000Z';
const NOW = '2026-11-22T02:10:00.000Z';

const FAILURE: Failure = {
  type: 'BrokerError',
  message: 'not shown where there are facts',
  facts: { what: 'cannot publish', where: 'a1, broker kafka:9092', got: 'ECONNREFUSED', hint: 'Retried' },
  causes: ['KafkaJSConnectionError: refused'],
};

const RETRIED: ActivityFinding = {
  kind: 'activity',
  workflowId: 'nightly',
  step: 'publish batch',
  activity: 'publishSplit',
  state: 'waits for its next attempt',
  attempt: 7,
  since: '2026-11-22T02:01:00.000Z',
  nextAttemptAt: '2026-11-22T02:10:42.000Z',
  givenUpAt: '2026-11-23T02:01:00.000Z',
  failure: FAILURE,
};

function linesOf(findings: readonly Finding[], more: Partial<Diagnosis> = {}): string[] {
  const diagnosis: Diagnosis = {
    workflowId: 'nightly',
    runId: 'r',
    workflowType: 'ratingPipeline',
    status: 'running',
    startedAt: STARTED,
    closedAt: null,
    uiUrl: 'http://ui',
    findings,
    remedies: [],
    ...more,
  };
  return diagnosisText(diagnosis, NOW).split('\n');
}

describe('a diagnosis', () => {
  test('of a retried step says what fails, where, until when, and what to do', () => {
    expect(linesOf([RETRIED])).toEqual([
      'nightly: running for 10 min – http://ui',
      '',
      '✖ publish batch (publishSplit) has failed for 9 min: attempt 7; next attempt in 42 s, retried until 2026-11-23 02:01:00 UTC (24 h)',
      '  BrokerError: cannot publish',
      '  place     a1, broker kafka:9092',
      '  got       ECONNREFUSED',
      '  cause     KafkaJSConnectionError: refused',
      '  hint      Retried',
      expect.stringMatching(
        /^ {2}means {5}the Kafka broker is down.+The step continues when the cause is fixed\.$/,
      ),
      expect.stringMatching(/^ {2}to do {5}Start the broker/),
      '  more      docs/runbook.md#brokererror',
    ]);
  });

  test('of a run that waits for its turn says how many are before it', () => {
    const reason = 'waits for a free place: 9 runs before this one';
    expect(linesOf([{ kind: 'waiting', workflowId: 'nightly', reason }]).at(-1)).toBe(`… nightly ${reason}`);
  });

  test('of a missing worker names the task queue to poll, and the role', () => {
    const noWorker = { kind: 'no worker', workflowId: 'nightly', since: STARTED } as const;
    const own = linesOf([{ ...noWorker, taskQueue: 'imdb', role: 'data', lastPollAt: null }]).join('\n');
    expect(own).toContain(
      'no worker polls task queue "imdb" (none in the last minutes): work for role data has waited for 10 min',
    );
    expect(own).not.toContain('busy');

    const training = linesOf([
      { ...noWorker, taskQueue: 'imdb-training', role: 'training', lastPollAt: '2026-11-22T02:07:00.000Z' },
    ]).join('\n');
    expect(training).toContain('the last poll was 3 min ago');
    expect(training).toContain('each is busy with a training');
    expect(training).toContain('with TASK_QUEUE=imdb;');
  });

  test('of code that fails says so, and not that a retry would help', () => {
    const failure = { type: 'TypeError', message: 'x is undefined', causes: [] };
    const stuck = { kind: 'stuck', workflowId: 'nightly', since: STARTED, failure } as const;
    expect(linesOf([stuck]).slice(2, 4)).toEqual([
      '✖ the code of nightly has failed since 2026-11-22 02:00:00 UTC (10 min ago)',
      '  TypeError: x is undefined',
    ]);
  });

  test('shows three activities and counts the others', () => {
    const lines = linesOf(Array.from({ length: 5 }, () => ({ ...RETRIED, failure: null })));
    expect(lines.filter((line) => line.startsWith('…'))).toEqual([
      ...Array<string>(3).fill('… publish batch (publishSplit): attempt 7; next attempt in 42 s, for 9 min'),
      '… and 2 more activities',
    ]);
  });

  test('of an ended run puts an arrow before the advised remedy', () => {
    const end = {
      kind: 'end',
      workflowId: 'nightly',
      path: ['load', 'loadDataset'],
      attempts: 1,
      at: NOW,
    } as const;
    const lines = linesOf([{ ...end, failure: FAILURE, outer: null }], {
      status: 'failed',
      closedAt: NOW,
      remedies: [
        { name: 'retry', command: null, cost: 'over', isAdvised: false },
        { name: 'reset', command: 'temporal …', cost: 'repeats "load"', isAdvised: true },
      ],
    });
    expect(lines[0]).toBe('nightly: failed 2026-11-22 02:10:00 UTC, after 10 min – http://ui');
    expect(lines.slice(-4)).toEqual([
      'To continue:',
      '  retry   – over',
      '→ reset   temporal …',
      '          repeats "load"',
    ]);
  });

  test('cannot move the cursor of the terminal', () => {
    const hostile = { type: 'Error', message: '\u001B[2Jgone\nnightly: completed', causes: [] };
    expect(linesOf([{ ...RETRIED, failure: hostile }])[3]).toBe(
      '  Error: \\x1b[2Jgone\\x0anightly: completed',
    );
  });
});
