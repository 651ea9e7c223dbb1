import { ApplicationFailure } from '@temporalio/common';
import { DefaultLogger, type ActivityExecuteInput } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect, test } from 'vitest';
import { measureActivities } from '../../../../../src/adapters/temporal/metrics/activity-metrics.ts';

const logger = new DefaultLogger('ERROR', () => undefined);

type Measured = readonly [name: string, value: number, labels: object];

/** Runs an attempt of the activity. @param isCancelled before it ends */
async function attempt(activityType: string, work: () => Promise<unknown>, isCancelled = false) {
  const measured: Measured[] = [];
  const environment = new MockActivityEnvironment({ activityType }, { logger });
  const factory = measureActivities((...of) => void measured.push(of), {
    loadDataset: (measure, ...of) => {
      measure('imdb_rows_total', 3, { step: JSON.stringify(of) });
    },
  });
  const execute = factory(environment.context).inbound?.execute;
  const input: ActivityExecuteInput = { args: ['films'], headers: {} };
  const run = async (): Promise<unknown> => execute?.(input, work);
  if (isCancelled) environment.cancel();
  await environment.run(run).catch(() => undefined);
  return measured;
}

const fail = (type: string) => async (): Promise<never> => {
  throw ApplicationFailure.create({ type, message: 'no' });
};

test('a result is measured by the table, with the arguments of its activity', async () => {
  expect(await attempt('loadDataset', async () => 'result')).toEqual([
    ['imdb_rows_total', 3, { step: '["result","films"]' }],
  ]);
  expect(await attempt('splitDataset', async () => 'result')).toEqual([]);
});

test('an attempt that fails counts by activity and type of failure', async () => {
  const labels = { activity: 'loadDataset', failure: 'BrokerError' };

  expect(await attempt('loadDataset', fail('BrokerError'))).toEqual([
    ['imdb_failed_attempts_total', 1, labels],
  ]);
  expect(await attempt('notify', fail('NotificationError'))).toContainEqual([
    'imdb_notifications_total',
    1,
    { outcome: 'failed' },
  ]);
});

test('an attempt that was cancelled has not failed', async () => {
  expect(await attempt('loadDataset', fail('CancelledFailure'), true)).toEqual([]);
});
