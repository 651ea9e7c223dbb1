import fc from 'fast-check';
import { expect, test } from 'vitest';
import { beforeRanges, type OffsetRange } from '../../../../src/domain/log/offsets.ts';
import type { PlannedBatch } from '../../../../src/domain/stream/batch.ts';
import { createStreamLedger, type LedgerState } from '../../../../src/domain/stream/stream-ledger.ts';
import { resumeFrom, type PartitionOffset } from '../../../../src/domain/stream/stream-plan.ts';

const PARTITIONS = 3;
const LANES = 3;
const START: LedgerState = {
  position: Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, offset: 0 })),
  backlog: [],
  finished: [],
  nextBatch: 0,
};

interface Marker {
  readonly watermark: readonly PartitionOffset[];
  readonly finished: readonly OffsetRange[];
}

interface InFlight extends PlannedBatch {
  readonly marker: Marker;
}

/** A fake log: the marker of each lane's newest transaction, and how often each offset was scored. */
class Log {
  readonly lanes: (Marker | undefined)[] = Array.from({ length: LANES }, () => undefined);
  readonly scored = new Map<string, number>();

  commit(lane: number, { ranges, marker }: InFlight): void {
    for (const { partition, offsetFrom, offsetTo } of ranges) {
      for (let offset = offsetFrom; offset < offsetTo; offset += 1) {
        const place = `${partition}@${offset}`;
        this.scored.set(place, 1 + (this.scored.get(place) ?? 0));
      }
    }
    this.lanes[lane] = { ...marker, finished: [...ranges, ...marker.finished] };
  }

  /** Like the adapter: the highest watermark of all lanes, and the finished ranges of all lanes. */
  recover(nextBatch: number): LedgerState {
    const markers = this.lanes.filter((marker) => marker !== undefined);
    const watermark = START.position.map(({ partition }) => ({
      partition,
      offset: Math.max(
        0,
        ...markers.flatMap((marker) =>
          marker.watermark.filter((known) => known.partition === partition).map(({ offset }) => offset),
        ),
      ),
    }));
    const finished = markers.flatMap((marker) => marker.finished);
    return { ...resumeFrom(watermark, finished), finished, nextBatch };
  }
}

type Step = 'produce' | 'plan' | 'start' | 'end' | 'terminate';
const step = fc.tuple(
  fc.constantFrom<Step>('produce', 'plan', 'start', 'start', 'end', 'end', 'terminate'),
  fc.nat(20),
);

test('after any end and any order of batches the next start scores the rest, once', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 30, maxLength: 120, size: 'max' }), (steps) => {
      const log = new Log();
      const ends = START.position.map(({ partition }) => ({ partition, offset: 0 }));
      let nextBatch = 0;
      let pending: PlannedBatch[] = [];
      let running = new Map<number, InFlight>();
      let ledger = createStreamLedger(START);

      const plan = () => {
        pending.push(
          ...ledger.planBacklog(() => 4),
          ...ledger.plan({ ends, maxRows: 25, batchRows: () => 4 }),
        );
      };
      const start = (): boolean => {
        const lane = [0, 1, 2].find((candidate) => !running.has(candidate));
        const [batch] = pending;
        if (lane === undefined || batch === undefined) return false;
        pending = pending.slice(1);
        running.set(lane, { ...batch, marker: ledger.known() });
        return true;
      };
      const end = (choice: number): boolean => {
        const lane = [...running.keys()][choice % Math.max(1, running.size)];
        if (lane === undefined) return false;
        const batch = running.get(lane) as InFlight;
        // Too many bytes: the batch leaves the end of its last range.
        const last = batch.ranges.at(-1) as OffsetRange;
        const offsetFrom = last.offsetFrom + (choice % 5);
        const rest = choice % 3 === 0 && offsetFrom < last.offsetTo ? [{ ...last, offsetFrom }] : [];
        const taken = beforeRanges(batch.ranges, rest);
        if (taken.length === 0) return false;
        log.commit(lane, { ...batch, ranges: taken });
        const further = ledger.finish(batch, rest);
        if (further) pending.push(further);
        running.delete(lane);
        return true;
      };
      const terminate = () => {
        nextBatch = Math.max(nextBatch, ledger.nextBatch());
        pending = [];
        running = new Map();
        ledger = createStreamLedger(log.recover(nextBatch));
      };

      for (const [what, choice] of steps) {
        if (what === 'produce') {
          const busy = ends[choice % PARTITIONS] as { offset: number };
          busy.offset += choice;
        } else if (what === 'plan') plan();
        else if (what === 'start') start();
        else if (what === 'end') end(choice);
        else {
          // A lost response: the batch has committed, but the stream ends before it is told.
          const [first] = running;
          if (first && choice % 2 === 0) log.commit(...first);
          terminate();
        }
      }
      terminate();
      for (let rounds = 0; rounds < 200; rounds += 1) {
        plan();
        while (start());
        while (end(rounds));
      }

      const expected = ends.flatMap(({ partition, offset }) =>
        Array.from({ length: offset }, (_, i) => `${partition}@${i}`),
      );
      expect([...log.scored.keys()].sort()).toEqual(expected.sort());
      expect([...log.scored.values()].filter((times) => times !== 1)).toEqual([]);
      expect(ledger.watermark()).toEqual(ends);
    }),
    { numRuns: 300 },
  );
});

/** Batches 0, 1 and 2 of ten offsets each, in partition 0. */
function planThree() {
  const ledger = createStreamLedger(START);
  const batches = ledger.plan({ ends: [{ partition: 0, offset: 30 }], maxRows: 30, batchRows: () => 10 });
  const [first, second, third] = batches as [PlannedBatch, PlannedBatch, PlannedBatch];
  return { ledger, first, second, third };
}

test('the rest of a batch is a batch of its own, and holds the watermark back', () => {
  const { ledger, first, second, third } = planThree();
  const rest = [{ partition: 0, offsetFrom: 4, offsetTo: 10 }];
  const further = ledger.finish(first, rest) as PlannedBatch;
  ledger.finish(second);

  expect(further).toEqual({ batch: 3, ranges: rest });
  expect(ledger.watermark()[0]).toEqual({ partition: 0, offset: 4 });
  ledger.finish(further);
  expect(ledger.watermark()[0]).toEqual({ partition: 0, offset: 20 });
  ledger.finish(third);
  expect(ledger.finishedBatches()).toBe(4);
});

test('continuing as new returns planned batches that were not started to the backlog', () => {
  const { ledger, first, second, third } = planThree();
  ledger.finish(first);

  expect(ledger.toState([second, third])).toMatchObject({
    nextBatch: 3,
    backlog: [{ partition: 0, offsetFrom: 10, offsetTo: 30 }],
    position: [{ partition: 0, offset: 30 }, { partition: 1 }, { partition: 2 }],
  });
});

test('a failed batch holds the watermark back, also when its stream continues as new', () => {
  const { ledger, first, second, third } = planThree();
  ledger.finish(third);
  ledger.finish(first);
  const resumed = createStreamLedger(ledger.toState([]), [second]);

  for (const known of [ledger, resumed]) {
    expect(known.watermark()[0]).toEqual({ partition: 0, offset: 10 });
    expect(known.finishedBatches()).toBe(1);
  }
  resumed.finish(second);
  expect(resumed.watermark()[0]).toEqual({ partition: 0, offset: 30 });
  expect(resumed.finishedBatches()).toBe(3);
});
