import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createTroubleReporter,
  type Loss,
  type TroubleChannel,
} from '../../../../src/adapters/temporal/trouble/reporter.ts';
import type { FailedAttempt } from '../../../../src/domain/run/trouble.ts';

const START_MS = Date.parse('2026-11-22T02:00:00Z');
const INFO = {
  activityId: '7',
  activityType: 'publishSplit',
  workflowExecution: { workflowId: 'nightly', runId: 'r1' },
  isLocal: false,
  inWorkflow: true,
  attempt: 1,
  scheduledTimestampMs: START_MS,
  scheduleToCloseTimeoutMs: 24 * 3_600_000,
  retryPolicy: {
    initialInterval: 1_000,
    backoffCoefficient: 2,
    maximumInterval: 60_000,
    nonRetryableErrorTypes: ['DatasetError'],
  },
} as const as unknown as Info;

const broken = (): Error => ApplicationFailure.create({ type: 'BrokerError', message: 'no broker' });

/** Makes attempts as Temporal does, each of them at once, until the time is over. */
function createAttempts(loss?: Loss) {
  const reports: (FailedAttempt & { readonly atMs: number })[] = [];
  const channel: TroubleChannel = {
    report: async (_info, trouble) => {
      reports.push({ ...trouble, atMs: Date.now() - START_MS });
      return true;
    },
    findLoss: async () => loss,
  };
  const reporter = createTroubleReporter(channel);

  async function attempt(info: Partial<Info>, work: () => unknown, isAborted = false): Promise<unknown> {
    const controller = new AbortController();
    if (isAborted) controller.abort();
    const context = {
      info: { ...INFO, currentAttemptScheduledTimestampMs: Date.now(), ...info },
      cancellationSignal: controller.signal,
    };
    const { inbound } = reporter(context as unknown as Parameters<typeof reporter>[0]);
    return inbound?.execute?.({ args: [], headers: {} }, async () => work());
  }

  return {
    reports,
    attempt,
    failUntil: async (endMs: number, error: (attempt: number) => Error = broken) => {
      for (let number = 1; Date.now() - START_MS < endMs; number += 1) {
        const failure = error(number);
        await expect(attempt({ attempt: number }, () => Promise.reject(failure))).rejects.toBe(failure);
        vi.advanceTimersByTime(Math.min(1_000 * 2 ** (number - 1), 60_000));
      }
    },
  };
}

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('an activity that goes on failing', () => {
  test('is reported after half a minute, with its next attempt', async () => {
    const { failUntil, reports } = createAttempts();
    await failUntil(32_000);
    expect(reports).toEqual([
      {
        activity: 'publishSplit',
        type: 'BrokerError',
        message: 'no broker',
        attempt: 6,
        since: '2026-11-22T02:00:00.000Z',
        nextAttemptAt: '2026-11-22T02:01:03.000Z',
        atMs: 31_000,
      },
    ]);
  });

  test('is reported a dozen times in a day, each at twice the time of the last', async () => {
    const { failUntil, reports } = createAttempts();
    await failUntil(24 * 3_600_000 - 120_000);
    expect(reports.length).toBeLessThan(13);
    const times = reports.map(({ atMs }) => atMs);
    expect(times.slice(1).every((atMs, index) => atMs >= 2 * (times[index] ?? 0))).toBe(true);
  });

  test('is reported once more when it fails for another reason', async () => {
    const { failUntil, reports } = createAttempts();
    await failUntil(24 * 3_600_000 - 120_000, (attempt) =>
      ApplicationFailure.create({ type: attempt % 2 === 0 ? 'BrokerError' : 'TypeError', message: '' }),
    );
    expect(reports.slice(0, 2).map(({ type }) => type)).toEqual(['BrokerError', 'TypeError']);
    expect(reports.length).toBeLessThan(14);
  });

  test('is reported in the time of the server, whatever the clock of the worker says', async () => {
    const { attempt, reports } = createAttempts();
    vi.setSystemTime(START_MS + 3_600_000);
    const failure = broken();
    const fail = async (currentAttemptScheduledTimestampMs: number): Promise<void> => {
      const info = { attempt: 2, currentAttemptScheduledTimestampMs };
      await expect(attempt(info, () => Promise.reject(failure))).rejects.toBe(failure);
    };
    await fail(START_MS + 20_000);
    expect(reports).toEqual([]);
    await fail(START_MS + 31_000);
    expect(reports).toMatchObject([{ nextAttemptAt: '2026-11-22T02:00:33.000Z' }]);
  });

  test('is reported before half a minute when its next attempt comes after it', async () => {
    const { attempt, reports } = createAttempts();
    const slow = ApplicationFailure.create({ type: 'AccessError', message: '', nextRetryDelay: '5 minutes' });
    await expect(attempt({}, () => Promise.reject(slow))).rejects.toBe(slow);
    expect(reports).toMatchObject([{ attempt: 1, atMs: 0, nextAttemptAt: '2026-11-22T02:05:00.000Z' }]);
  });
});

describe('nothing is reported of an activity', () => {
  test.for([
    ['that fails for good', { type: 'DatasetError' }, {}, false],
    ['that must not be retried', { nonRetryable: true }, {}, false],
    ['whose time is over', {}, { scheduleToCloseTimeoutMs: 60_000 }, false],
    ['that was cancelled', {}, {}, true],
    ['that notifies', {}, { activityType: 'notify' }, false],
    ['that is local', {}, { isLocal: true }, false],
    ['without a workflow', {}, { inWorkflow: false }, false],
  ] as const)('%s', async ([, options, info, isAborted]) => {
    const { attempt, reports } = createAttempts();
    const failure = ApplicationFailure.create({ type: 'BrokerError', ...options });
    vi.advanceTimersByTime(59_500);
    await expect(attempt(info, () => Promise.reject(failure), isAborted)).rejects.toBe(failure);
    expect(reports).toEqual([]);
  });

  test('that succeeds, however late', async () => {
    const { attempt, reports } = createAttempts();
    vi.advanceTimersByTime(3_600_000);
    expect(await attempt({ attempt: 9 }, () => 'done')).toBe('done');
    expect(reports).toEqual([]);
  });
});

describe('an attempt that was lost with its worker', () => {
  const silence = { message: 'activity Heartbeat timeout', isSilence: true };

  test('is reported when the next one was lost too', async () => {
    const { attempt, reports } = createAttempts(silence);
    vi.advanceTimersByTime(40_000);
    await attempt({ attempt: 2 }, () => 'done');
    expect(reports).toEqual([]);
    await attempt({ attempt: 3 }, () => 'done');
    expect(reports).toMatchObject([
      { type: 'Timeout', message: 'activity Heartbeat timeout', attempt: 2, nextAttemptAt: null },
    ]);
  });

  test('is reported at once when its time was over', async () => {
    const { attempt, reports } = createAttempts({
      message: 'activity StartToClose timeout',
      isSilence: false,
    });
    vi.advanceTimersByTime(900_000);
    await attempt({ attempt: 2 }, () => 'done');
    expect(reports).toMatchObject([{ type: 'Timeout', attempt: 1 }]);
  });
});
