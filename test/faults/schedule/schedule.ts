import { integer, MersenneTwister19937, pick, real, shuffle, type Engine } from 'random-js';
import { createFaultPool, type FaultPool, type PooledFault } from './fault-pool.ts';
import { FAULT_KINDS, isKilling, type Fault, type FaultKind, type RoundPlan } from '../faults/fault.ts';
import type { ActivityName } from '../faults/place.ts';

/** Every fourth round scores a stream. */
const STREAM_EVERY = 4;
/** Numbers of faults in five rounds, shuffled. 45 rounds of the pipeline take 72 kills, and its pool has fewer. */
const PIPELINE_SIZES = [2, 2, 3, 3, 3];
/** 15 rounds take 30 kills, and the pool has 21. */
const STREAM_SIZES = [3];

const SHARDED: readonly ActivityName[] = ['growTrees', 'assembleForest'];

/** Micro-batches that every run has: 221 rows in batches of 20. */
const BATCHES = Array.from({ length: 10 }, (_, batch) => String(batch));
/** A stream has at least twice as many, so that one that was terminated still reaches this batch. */
const LAST_FROM_BATCH = 5;

/** The calls of an activity that runs more than once. */
const PARTS: Partial<Record<ActivityName, readonly string[]>> = {
  publishSplit: ['batch', 'stream'],
  consumeMicroBatch: BATCHES,
  predictMicroBatch: BATCHES,
  publishPredictions: BATCHES,
  growTrees: ['0', '1'],
};

/**
 * Takes the faults of rounds from shuffled pools, so that every kind occurs. The seed determines all rounds: round 13
 * is the same, however many rounds are run.
 */
export function planRounds(
  seed: number,
  rounds: number,
  kinds: readonly FaultKind[] = FAULT_KINDS,
): RoundPlan[] {
  const engine = MersenneTwister19937.seed(seed);
  const takePipelineFaults = createFaultSource(engine, PIPELINE_SIZES, () =>
    createFaultPool(engine, 'pipeline', kinds),
  );
  const takeStreamFaults = createFaultSource(engine, STREAM_SIZES, () =>
    createFaultPool(engine, 'stream', kinds),
  );
  const hasFaults = ({ kills, others }: FaultPool) => kills.length + others.length > 0;
  const hasPipeline = hasFaults(createFaultPool(engine, 'pipeline', kinds));
  const hasStream = hasFaults(createFaultPool(engine, 'stream', kinds));

  return Array.from({ length: rounds }, (_, i): RoundPlan => {
    // Every other round, of all rounds and of those with a stream.
    const isEven = (i + Math.floor(i / STREAM_EVERY)) % 2 === 0;
    const common = { round: i + 1, partitions: isEven ? 1 : 12 } as const;
    if (hasStream && (!hasPipeline || i % STREAM_EVERY === STREAM_EVERY - 1)) {
      const isOneOff = Math.floor((i + 1) / (2 * STREAM_EVERY)) % 2 === 0;
      const faults = takeStreamFaults().map((fault) => toFault(engine, fault, 'stream'));
      return { ...common, job: isOneOff ? 'available-now' : 'continuous', shards: undefined, faults };
    }
    const faults = takePipelineFaults().map((fault) => toFault(engine, fault, 'pipeline'));
    const isSharded = faults.some(({ place }) => SHARDED.includes(place.activity));
    return { ...common, job: 'pipeline', shards: isSharded ? 2 : undefined, faults };
  });
}

/** Takes the faults of one round after another, and adds a new pool when one is used up. */
function createFaultSource(
  engine: Engine,
  roundSizes: readonly number[],
  createPool: () => FaultPool,
): () => PooledFault[] {
  const kills: PooledFault[] = [];
  const others: PooledFault[] = [];
  const sizes: number[] = [];
  return () => {
    if (sizes.length === 0) sizes.push(...shuffle(engine, [...roundSizes]));
    const size = sizes.pop() ?? 1;
    if (others.length === 0) others.push(...shuffle(engine, [...createPool().others]));
    if (kills.length < size) kills.push(...shuffle(engine, [...createPool().kills]));
    const taken = others.splice(0, 1);
    while (taken.length < size) {
      const next = kills.findIndex((fault) => fits(fault, taken));
      // With few kinds (`--only`) no fault may fit: then the round has fewer faults.
      if (next === -1) break;
      taken.push(...kills.splice(next, 1));
    }
    return taken;
  };
}

/** At most one fault per activity, so that none hides another; one kind of training. */
function fits(fault: PooledFault, taken: readonly PooledFault[]): boolean {
  return taken.every((other) => {
    if (other.activity === fault.activity) return false;
    const names = [other.activity, fault.activity];
    if (names.includes('trainForest') && names.some((name) => SHARDED.includes(name))) return false;
    // Another fault that takes a worker away would leave none to take over.
    if (other.kind === 'two-workers') return !takesWorker(fault);
    return fault.kind !== 'two-workers' || !takesWorker(other);
  });
}

function takesWorker(fault: PooledFault): boolean {
  return isKilling(fault) || fault.kind === 'zombie';
}

function toFault(engine: Engine, { kind, activity, moment }: PooledFault, job: 'pipeline' | 'stream'): Fault {
  const parts = PARTS[activity];
  const part = parts && pick(engine, parts);
  const fromBatch = integer(0, LAST_FROM_BATCH)(engine);
  const call = part === undefined ? {} : job === 'pipeline' ? { part } : { fromBatch };
  return { kind, place: { activity, moment, ...call }, random: real(0, 1)(engine) };
}
