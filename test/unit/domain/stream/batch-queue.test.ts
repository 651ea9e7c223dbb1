import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LanedBatch } from '../../../../src/domain/stream/batch.ts';
import { createBatchQueue } from '../../../../src/domain/stream/batch-queue.ts';
import { numbersBelow } from '../../../support/unit/rating-table.ts';

const LANES = 3;
const planned = (batch: number) => ({
  batch,
  ranges: [{ partition: 0, offsetFrom: 10 * batch, offsetTo: 10 * batch + 10 }],
});
const numbers = (batches: readonly { readonly batch: number }[]) => batches.map(({ batch }) => batch);

type Queue = ReturnType<typeof createBatchQueue>;

function startAll(queue: Queue): LanedBatch[] {
  const started: LanedBatch[] = [];
  for (let batch = queue.start(); batch; batch = queue.start()) started.push(batch);
  return started;
}

type Step = 'start' | 'finish' | 'fail' | 'retry' | 'skip' | 'continue as new';
const step = fc.tuple(
  fc.constantFrom<Step>('start', 'start', 'finish', 'finish', 'fail', 'retry', 'skip', 'continue as new'),
  fc.nat(20),
);

test('every batch ends once, one at a time in a lane, and is retried in its own lane', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 150, size: 'max' }), (steps) => {
      const all = numbersBelow(20);
      const ended: number[] = [];
      const laneOf = new Map<number, number>();
      let queue = createBatchQueue(LANES);
      const running: LanedBatch[] = [];
      queue.add(all.map(planned));

      const start = (): void => {
        const batch = queue.start();
        if (batch === undefined) return;
        expect(running.map(({ lane }) => lane)).not.toContain(batch.lane);
        expect(batch.lane).toBe(laneOf.get(batch.batch) ?? batch.lane);
        expect(batch.ranges).toEqual(planned(batch.batch).ranges);
        laneOf.set(batch.batch, batch.lane);
        running.push(batch);
      };
      const end = (choice: number, isDone: boolean): void => {
        const [batch] = running.splice(choice % Math.max(1, running.length), 1);
        if (batch === undefined) return;
        if (isDone) {
          ended.push(batch.batch);
          queue.finish(batch);
        } else queue.fail(batch, 'BrokerError: away', choice);
      };
      const continueAsNew = (): void => {
        while (running.length > 0) end(0, true);
        const { unstarted, ...state } = queue.toState();
        queue = createBatchQueue(LANES, state);
        queue.add(unstarted);
      };

      for (const [what, choice] of steps) {
        if (what === 'start') start();
        else if (what === 'finish') end(choice, true);
        else if (what === 'fail') end(choice, false);
        else if (what === 'retry') queue.retry([choice]);
        else if (what === 'skip') ended.push(...numbers(queue.skip([choice])));
        else continueAsNew();
        expect(queue.running()).toBe(running.length);
        expect(queue.size()).toBe(all.length - ended.length);
      }
      queue.retry(numbers(queue.failed()));
      while (queue.size() > 0) {
        start();
        while (running.length > 0) end(0, true);
      }

      expect(ended.sort((a, b) => a - b)).toEqual(all);
    }),
    { numRuns: 100 },
  );
});

test('as many batches run as there are lanes, in the order in which they were planned', () => {
  const queue = createBatchQueue(LANES);
  queue.add(numbersBelow(5).map(planned));

  const [, second] = startAll(queue) as [LanedBatch, LanedBatch];
  expect(queue.running()).toBe(LANES);
  queue.finish(second);
  expect(startAll(queue)).toEqual([{ ...planned(3), lane: second.lane }]);
});

test('a batch whose lane is busy waits, and batches of other lanes overtake it', () => {
  const queue = createBatchQueue(LANES);
  queue.add([0, 3, 1].map((batch) => ({ ...planned(batch), lane: batch % LANES })));

  const started = startAll(queue);
  expect(numbers(started)).toEqual([0, 1]);
  queue.finish(started[0] as LanedBatch);
  expect(startAll(queue)).toEqual([{ ...planned(3), lane: 0 }]);
});

test('a retry starts before the batches that were planned', () => {
  const queue = createBatchQueue(1);
  queue.add([0, 1, 2].map(planned));
  queue.fail(queue.start() as LanedBatch, 'BrokerError: away', 0);
  queue.retry([0]);

  expect(queue.start()?.batch).toBe(0);
});

test('continuing as new keeps batches that failed, are retried or were not started', () => {
  const queue = createBatchQueue(2);
  queue.add([0, 1, 2, 3].map(planned));
  for (const batch of startAll(queue)) queue.fail(batch, 'BrokerError: away', 17);
  queue.retry([1]);

  const { unstarted, ...state } = queue.toState();
  expect(unstarted).toEqual([planned(2), planned(3)]);
  const resumed = createBatchQueue(2, state);
  expect(resumed.failed()).toEqual([{ ...planned(0), lane: 0, reason: 'BrokerError: away', failedAtMs: 17 }]);
  expect(resumed.start()).toEqual({ ...planned(1), lane: 1, isRetry: true });
});

test('with the most failed batches allowed, only retries start', () => {
  const queue = createBatchQueue(2, undefined, 2);
  queue.add([0, 1, 2].map(planned));
  for (const batch of startAll(queue)) queue.fail(batch, 'BrokerError: away', 0);

  expect([queue.start(), queue.canStart()]).toEqual([undefined, false]);
  queue.retry([1]);
  expect(numbers(startAll(queue))).toEqual([1, 2]);
});

test.for<[string, (batch: number) => string]>([
  ['the same reason', () => 'ArtifactCorrupt: an artifact has changed'],
  ['reasons of their own', (batch: number): string => `MalformedRecord: batch ${batch} ${'x'.repeat(5_000)}`],
])('20,000 batches that failed for %s fit into a payload', ([, reasonOf]) => {
  const queue = createBatchQueue(4);
  for (const batch of numbersBelow(20_000)) {
    const ranges = [{ partition: 7, offsetFrom: 1e9 + 1_000 * batch, offsetTo: 1e9 + 1_000 * (batch + 1) }];
    queue.fail({ batch, ranges, lane: batch % 4 }, reasonOf(batch), 1_796_000_000_000 + batch);
  }

  const state = queue.toState();
  expect(JSON.stringify(state).length).toBeLessThan(1_900_000);
  const { batch, lane, reason } = createBatchQueue(4, state).failed().at(-1) ?? {};
  expect({ batch, lane, type: reason?.split(':')[0] }).toEqual({
    batch: 19_999,
    lane: 3,
    type: reasonOf(0).split(':')[0],
  });
});
