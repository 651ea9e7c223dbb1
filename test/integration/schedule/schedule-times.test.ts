import { expect } from 'vitest';
import { listScheduledTimes } from '../../../src/cli/schedules/times.ts';
import {
  findDifferences,
  toScheduleDefinition,
  viewOfPlan,
  viewOfSchedule,
} from '../../../src/cli/schedules/definition.ts';
import { fillPath, parsePathTemplate } from '../../../src/domain/dataset/path-template.ts';
import { timeZones } from '../../../src/adapters/time-zones.ts';
import { test } from '../../support/environment.ts';
import { createSchedule } from '../../support/schedule.ts';

test.for<[at: string, timezone: string, from: string, to: string, times: readonly string[]]>([
  // Clocks go from 02:00 to 03:00 on 2027-03-28 in Berlin.
  ['02:00', 'Europe/Berlin', '2027-03-27', '2027-03-29', ['2027-03-27T01:00', '2027-03-29T00:00']],
  ['02:30', 'Europe/Berlin', '2027-03-27', '2027-03-29', ['2027-03-27T01:30', '2027-03-29T00:30']],
  [
    '03:00',
    'Europe/Berlin',
    '2027-03-27',
    '2027-03-29',
    ['2027-03-27T02:00', '2027-03-28T01:00', '2027-03-29T01:00'],
  ],
  [
    '00:30',
    'Europe/Berlin',
    '2027-03-27',
    '2027-03-29',
    ['2027-03-26T23:30', '2027-03-27T23:30', '2027-03-28T22:30'],
  ],
  // And from 03:00 back to 02:00 on 2026-10-25: the second 02:30 counts.
  [
    '02:00',
    'Europe/Berlin',
    '2026-10-24',
    '2026-10-26',
    ['2026-10-24T00:00', '2026-10-25T01:00', '2026-10-26T01:00'],
  ],
  [
    '02:30',
    'Europe/Berlin',
    '2026-10-24',
    '2026-10-26',
    ['2026-10-24T00:30', '2026-10-25T01:30', '2026-10-26T01:30'],
  ],
  // West of Greenwich both count.
  [
    '01:30',
    'America/New_York',
    '2026-10-31',
    '2026-11-02',
    ['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-01T06:30', '2026-11-02T06:30'],
  ],
  // A zone whose clocks are never changed.
  [
    '02:30',
    'Asia/Tokyo',
    '2026-10-24',
    '2026-10-26',
    ['2026-10-23T17:30', '2026-10-24T17:30', '2026-10-25T17:30'],
  ],
  [
    '02:30',
    'Asia/Tokyo',
    '2027-03-27',
    '2027-03-29',
    ['2027-03-26T17:30', '2027-03-27T17:30', '2027-03-28T17:30'],
  ],
])(
  '%s in %s from %s to %s is at %j, whatever the jitter',
  async ([at, timezone, from, to, times], { environment }) => {
    const { client } = environment;
    for (const jitter of ['0 seconds', '5 minutes']) {
      const { handle, plan } = await createSchedule(environment, { at, timezone, jitter });
      const schedule = { ...plan, jitterMs: plan.jitter };

      const listed = await listScheduledTimes(client, handle.scheduleId, schedule, { from, to });

      expect(listed.map(({ nominal }) => nominal.toISOString())).toEqual(
        times.map((time) => `${time}:00.000Z`),
      );
    }
  },
);

test('each night of a week with a clock change reads the file of its own date', async ({ environment }) => {
  const { client } = environment;
  const timezone = 'Europe/Berlin';
  const { handle, plan } = await createSchedule(environment, { at: '00:30', timezone });
  const schedule = { ...plan, jitterMs: plan.jitter };
  const template = parsePathTemplate('{yyyy-MM-dd}');

  for (const dates of [
    ['2026-10-24', '2026-10-25', '2026-10-26'],
    ['2027-03-27', '2027-03-28', '2027-03-29'],
  ] as const) {
    const range = { from: dates[0], to: dates[2] };
    const listed = await listScheduledTimes(client, handle.scheduleId, schedule, range);
    const files = listed.map(({ nominal }) =>
      fillPath(template, (days) => timeZones.read(nominal, timezone, days)),
    );
    expect(files).toEqual(dates);
  }
});

test('more times than the server lists are refused, not truncated', async ({ environment }) => {
  const { client } = environment;
  const at = Array.from({ length: 24 }, (_, hour) => `${hour}:00`);
  const { handle, plan } = await createSchedule(environment, { at, timezone: 'UTC' });
  const range = { from: '2026-01-01', to: '2026-02-28' };

  const listing = listScheduledTimes(client, handle.scheduleId, { ...plan, jitterMs: plan.jitter }, range);

  await expect(listing).rejects.toThrow(
    'too many runs from 2026-01-01 to 2026-02-28: expected fewer than 1000',
  );
});

test.for<[given: Readonly<Record<string, unknown>>]>([
  [{}],
  [{ at: ['02:00', '14:00', '14:30'], timezone: 'America/New_York', jitter: '0 seconds' }],
  [{ days: ['sunday'] }],
  [{ days: ['saturday', 'sunday', 'monday', 'wednesday'], catchupWindow: '90 seconds' }],
  [{ note: 'why', input: { dataset: { path: '{yyyy}.csv', features: ['a', 'b'] }, forest: { trees: 1 } } }],
])(
  'a plan that was applied reads back from the server without a difference: %j',
  async ([given], { environment }) => {
    const { handle, plan } = await createSchedule(environment, given);
    const { taskQueue } = environment.config;
    const planned = toScheduleDefinition(handle.scheduleId, taskQueue, plan);
    const description = await handle.describe();
    const { paused, note } = description.state;

    expect(findDifferences(viewOfSchedule(description), viewOfPlan(plan, planned, { paused, note }))).toEqual(
      [],
    );
  },
);

test('specs made in the UI that are not plain times of day are not shown as such', async ({
  environment,
}) => {
  const { handle } = await createSchedule(environment, {});
  for (const spec of [
    { cronExpressions: ['0 2 1 * *'] },
    { intervals: [{ every: '1 day' }] },
    { calendars: [{ hour: 2 }], endAt: new Date('2030-01-01') },
    { calendars: [{ hour: 2 }, { hour: 3, dayOfWeek: 'MONDAY' }] },
  ] as const) {
    await handle.update((current) => ({ ...current, spec: structuredClone(spec) as object }));
    expect(viewOfSchedule(await handle.describe()).at).toBeUndefined();
  }
  await handle.update((current) => ({ ...current, spec: { cronExpressions: ['15 2-4 * * MON-FRI'] } }));
  expect(viewOfSchedule(await handle.describe())).toMatchObject({
    at: ['02:15', '03:15', '04:15'],
    days: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday'],
  });
});
