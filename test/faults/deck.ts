import { integer, MersenneTwister19937, pick, real, shuffle, type Engine } from 'random-js';
import { createCards, type Card } from './cards.ts';
import { FAULT_KINDS, isKilling, type Fault, type FaultKind, type RoundPlan } from './fault.ts';
import type { ActivityName } from './place.ts';

/** One of these rounds in five is a stream's. */
const STREAM_EVERY = 5;
/** Faults of five rounds, in some order: 40 rounds of the pipeline deal 96 cards, and its deck has 85. */
const PIPELINE_SIZES = [2, 2, 2, 3, 3];
/** 10 rounds deal 30, and the deck has 27. */
const STREAM_SIZES = [3];

const SHARDED: readonly ActivityName[] = ['growTrees', 'assembleForest'];

/** Micro-batches that every run has: 221 rows in batches of 20. */
const BATCHES = Array.from({ length: 10 }, (_, batch) => String(batch));
/** A stream has at least twice as many; what a killed one leaves must still reach it. */
const LAST_FROM_BATCH = 5;

/** Of activities that run more than once. */
const PARTS: Partial<Record<ActivityName, readonly string[]>> = {
  publishSplit: ['batch', 'stream'],
  consumeMicroBatch: BATCHES,
  predictMicroBatch: BATCHES,
  publishPredictions: BATCHES,
  growTrees: ['0', '1'],
};

/**
 * Deals rounds from shuffled decks, so that no kind of fault is left to luck. The seed decides all rounds: round 13
 * is the same one however many are played.
 */
export function dealRounds(
  seed: number,
  rounds: number,
  kinds: readonly FaultKind[] = FAULT_KINDS,
): RoundPlan[] {
  const engine = MersenneTwister19937.seed(seed);
  const ofPipeline = createDealer(engine, PIPELINE_SIZES, () => createCards(engine, 'pipeline', kinds));
  const ofStream = createDealer(engine, STREAM_SIZES, () => createCards(engine, 'stream', kinds));
  const hasPipeline = createCards(engine, 'pipeline', kinds).length > 0;
  const hasStream = createCards(engine, 'stream', kinds).length > 0;

  return Array.from({ length: rounds }, (_, i): RoundPlan => {
    const common = { round: i + 1, partitions: i % 2 === 0 ? 1 : 12 } as const;
    if (hasStream && (!hasPipeline || i % STREAM_EVERY === STREAM_EVERY - 1)) {
      const isOneOff = Math.floor((i + 1) / (2 * STREAM_EVERY)) % 2 === 0;
      const faults = ofStream().map((card) => toFault(engine, card, 'stream'));
      return { ...common, job: isOneOff ? 'available-now' : 'continuous', shards: undefined, faults };
    }
    const faults = ofPipeline().map((card) => toFault(engine, card, 'pipeline'));
    const isSharded = faults.some(({ place }) => SHARDED.includes(place.activity));
    return { ...common, job: 'pipeline', shards: isSharded ? 2 : undefined, faults };
  });
}

/** Deals the cards of one round after the other, and takes a new deck when one is used up. */
function createDealer(engine: Engine, roundSizes: readonly number[], createDeck: () => Card[]): () => Card[] {
  const deck: Card[] = [];
  const sizes: number[] = [];
  return () => {
    if (sizes.length === 0) sizes.push(...shuffle(engine, [...roundSizes]));
    const size = sizes.pop() ?? 1;
    const dealt: Card[] = [];
    while (dealt.length < size) {
      const isThin = deck.length < size;
      if (isThin) deck.push(...shuffle(engine, createDeck()));
      const next = deck.findIndex((card) => fits(card, dealt));
      // Few kinds may not mix at all: then the round stays small.
      if (next === -1) break;
      dealt.push(...deck.splice(next, 1));
    }
    return dealt;
  };
}

/** One fault an activity, so that none hides another; one that the suite stages itself; one way of training. */
function fits(card: Card, dealt: readonly Card[]): boolean {
  return dealt.every((other) => {
    if (other.activity === card.activity) return false;
    const names = [other.activity, card.activity];
    if (names.includes('trainForest') && names.some((name) => SHARDED.includes(name))) return false;
    // Another fault that takes a worker away would leave nobody to poll beside the one that is killed.
    if (other.kind === 'two-workers') return !takesWorker(card);
    if (card.kind === 'two-workers') return !takesWorker(other);
    return isKilling(other) || isKilling(card);
  });
}

function takesWorker(card: Card): boolean {
  return isKilling(card) || card.kind === 'zombie';
}

function toFault(engine: Engine, { kind, activity, moment }: Card, job: 'pipeline' | 'stream'): Fault {
  const parts = PARTS[activity];
  const part = parts && pick(engine, parts);
  const fromBatch = integer(0, LAST_FROM_BATCH)(engine);
  const call = part === undefined ? {} : job === 'pipeline' ? { part } : { fromBatch };
  return { kind, place: { activity, moment, ...call }, dice: real(0, 1)(engine) };
}
