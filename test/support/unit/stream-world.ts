import { expect } from 'vitest';
import { EMPTY_CONTENT_HASH } from '../../../src/domain/log/content-hash.ts';
import { countOffsets, type OffsetRange, type TopicManifest } from '../../../src/domain/log/offsets.ts';
import type { LanedBatch } from '../../../src/domain/stream/batch.ts';
import { createBatchQueue } from '../../../src/domain/stream/batch-queue.ts';
import {
  afterBatch,
  findInLane,
  joinLanes,
  takenBy,
  UNCLAIMED,
  type LaneBatch,
  type LaneState,
} from '../../../src/domain/stream/lane.ts';
import { createStreamLedger } from '../../../src/domain/stream/stream-ledger.ts';

export const TOPIC = 'a1';
export const WRITTEN = ['a1.predictions'];
const PARTITIONS = 2;
const LANES = 2;

const RUN = 'the run that claimed';

/** A lane of the log, and which attempt may commit: beginning a transaction fences the one before. */
interface FakeLane {
  state: LaneState;
  begun: number;
}

/** A micro-batch's child. Its attempts live on after the stream has given it up. */
interface Child {
  readonly batch: LanedBatch;
  readonly mine: LaneBatch;
  /** The open transaction of its last attempt. */
  open?: { readonly begun: number; readonly next: LaneState };
  /** Records that it has committed, or found committed. */
  records?: number;
  error?: Error;
}

const manifestOf = (ranges: readonly OffsetRange[]): TopicManifest[] => [
  {
    topic: WRITTEN[0] as string,
    partitions: [
      { ...(ranges[0] as OffsetRange), records: countOffsets(ranges), contentHash: EMPTY_CONTENT_HASH },
    ],
  },
];

/** The log, and the stream as its workflow knows it. */
export class World {
  readonly lanes: FakeLane[] = Array.from({ length: LANES }, () => ({ state: UNCLAIMED, begun: 0 }));
  readonly scored = new Map<string, number>();
  readonly skipped = new Set<string>();
  readonly ends = Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, offset: 0 }));
  zombies: Child[] = [];
  running: Child[] = [];
  predicted = 0;
  epoch = 0;
  ledger = createStreamLedger({ position: [], backlog: [], finished: [], nextBatch: 0 });
  queue = createBatchQueue(LANES);

  constructor() {
    this.restart();
  }

  /** Another start of the stream, after it was terminated. */
  restart(): void {
    this.zombies.push(...this.running);
    this.running = [];
    for (const lane of this.lanes) lane.begun += 1;
    const states = this.lanes.map(({ state }) => state);
    const begin = this.epoch === 0 ? this.ends.map((end) => ({ ...end, offset: 0 })) : undefined;
    const joined = joinLanes(states, begin);
    for (const lane of this.lanes) lane.state = takenBy(lane.state, { source: TOPIC, run: RUN }, joined);
    this.epoch = joined.epoch;
    this.ledger = createStreamLedger(joined.ledger);
    this.queue = createBatchQueue(LANES);
    this.queue.add(this.ledger.planBacklog(() => 3));
  }

  continueAsNew(): void {
    if (this.running.length > 0) return;
    const { unstarted, ...state } = this.queue.toState();
    const unfinished = [...this.queue.failed(), ...createBatchQueue(LANES, state).failed()];
    const retries = state.retry.map(([batch, , ranges]) => ({
      batch,
      ranges: ranges.map(([partition, offsetFrom, offsetTo]) => ({ partition, offsetFrom, offsetTo })),
    }));
    this.ledger = createStreamLedger(this.ledger.toState(unstarted), [...unfinished, ...retries]);
    this.queue = createBatchQueue(LANES, state);
    this.queue.add(this.ledger.planBacklog(() => 3));
  }

  plan(): void {
    this.queue.add(this.ledger.plan({ ends: this.ends, maxRows: 12, batchRows: () => 3 }));
  }

  start(): void {
    const batch = this.queue.start();
    if (!batch) return;
    const { epoch } = this;
    const { isRetry } = batch;
    const failed = this.queue.failedIn(batch.lane);
    const claim = { epoch, run: RUN, ...this.ledger.known(), failed, ...(isRetry && { isRetry }) };
    this.running.push({ batch, mine: { ...claim, topic: TOPIC, batch: batch.batch, ranges: batch.ranges } });
  }

  /** An attempt begins its transaction and reads the marker. */
  begin(child: Child | undefined): void {
    if (!child) return;
    const lane = this.lanes[child.batch.lane] as FakeLane;
    lane.begun += 1;
    delete child.open;
    try {
      const found = findInLane(lane.state, child.mine, WRITTEN);
      if (found) {
        child.records = found[0]?.partitions[0]?.records ?? 0;
        expect(child.records).toBe(countOffsets(child.mine.ranges));
      } else {
        const next = afterBatch(lane.state, child.mine, manifestOf(child.mine.ranges));
        child.open = { begun: lane.begun, next };
      }
    } catch (error) {
      child.error = error as Error;
    }
  }

  commit(child: Child | undefined): void {
    const lane = this.lanes[child?.batch.lane ?? 0] as FakeLane;
    if (child?.open?.begun !== lane.begun) return;
    lane.state = child.open.next;
    delete child.open;
    child.records = countOffsets(child.mine.ranges);
    for (const place of placesOf(child.mine.ranges))
      this.scored.set(place, 1 + (this.scored.get(place) ?? 0));
  }

  /** The stream learns the end of a child: done, or failed although it may have committed. */
  end(child: Child | undefined, isLost: boolean): void {
    if (!child) return;
    this.running = this.running.filter((other) => other !== child);
    expect(child.error).toBeUndefined();
    if (child.records === undefined || isLost) {
      this.zombies.push(child);
      this.queue.fail(child.batch, 'Cancelled: an operator cancelled it', 0);
      return;
    }
    this.queue.finish(child.batch);
    this.ledger.finish(child.batch);
    this.predicted += child.records;
  }

  /** After a reset, a run with the same epoch plans from an earlier state, so anything. */
  attemptAfterReset(choice: number): void {
    const batch = this.ledger.nextBatch() + choice;
    const ranges = [{ partition: choice % PARTITIONS, offsetFrom: choice, offsetTo: choice + 2 }];
    const claim = { epoch: this.epoch, run: 'a reset run', ...this.ledger.known(), failed: [] };
    const laned = { batch, ranges, lane: choice % LANES };
    const child: Child = { batch: laned, mine: { ...claim, topic: TOPIC, batch, ranges } };
    this.begin(child);
    expect(child.error?.name).toBe('StreamOvertaken');
  }

  skip(batches: readonly number[]): void {
    for (const batch of this.queue.skip(batches)) {
      this.ledger.finish(batch);
      for (const place of placesOf(batch.ranges)) this.skipped.add(place);
    }
  }

  /** Without further faults, operators or starts. */
  finish(): void {
    for (let rounds = 0; rounds < 100; rounds += 1) {
      for (const child of [...this.running]) {
        this.begin(child);
        this.commit(child);
        this.end(child, false);
      }
      this.queue.retry(this.queue.failed().map(({ batch }) => batch));
      this.plan();
      this.start();
    }
  }
}

export function placesOf(ranges: readonly OffsetRange[]): string[] {
  return ranges.flatMap(({ partition, offsetFrom, offsetTo }) =>
    Array.from({ length: offsetTo - offsetFrom }, (_, i) => `${partition}@${offsetFrom + i}`),
  );
}

function pick<T>(from: readonly T[], choice: number): T | undefined {
  return from[choice % Math.max(1, from.length)];
}

export const STEPS = {
  produce: (world, choice) => {
    (world.ends[choice % PARTITIONS] as { offset: number }).offset += choice;
  },
  plan: (world) => {
    world.plan();
  },
  start: (world) => {
    world.start();
  },
  begin: (world, choice) => {
    world.begin(pick(world.running, choice));
  },
  commit: (world, choice) => {
    world.commit(pick(world.running, choice));
  },
  'zombie begins': (world, choice) => {
    world.begin(pick(world.zombies, choice));
  },
  'zombie commits': (world, choice) => {
    world.commit(pick(world.zombies, choice));
  },
  end: (world, choice) => {
    world.end(pick(world.running, choice), false);
  },
  'lose the response': (world, choice) => {
    world.end(pick(world.running, choice), true);
  },
  retry: (world, choice) => {
    world.queue.retry([pick(world.queue.failed(), choice)?.batch ?? -1]);
  },
  skip: (world, choice) => {
    world.skip([pick(world.queue.failed(), choice)?.batch ?? -1]);
  },
  'continue as new': (world) => {
    world.continueAsNew();
  },
  reset: (world, choice) => {
    world.attemptAfterReset(choice);
  },
  restart: (world) => {
    world.restart();
  },
} satisfies Record<string, (world: World, choice: number) => void>;
