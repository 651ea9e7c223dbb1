import { MersenneTwister19937, pick, real, shuffle, type Engine } from 'random-js';
import { createCards, type Card } from './cards.ts';
import { FAULT_KINDS, isKilling, type Fault, type FaultKind, type RoundPlan } from './fault.ts';
import type { ActivityName } from './place.ts';

/** Faults of five rounds, in some order: so 50 rounds always deal 90 cards, and a deck has fewer. */
const SIZES = [1, 2, 3, 1, 2];

/** Micro-batches that every run has: 221 rows in batches of 20. */
const LAST_BATCH = 9;

const SHARDED: readonly ActivityName[] = ['growTrees', 'assembleForest'];

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
  const deck: Card[] = [];
  const sizes: number[] = [];
  const refill = (): void => {
    deck.push(...shuffle(engine, createCards(engine, kinds)));
  };

  function dealRound(size: number): Fault[] {
    const faults: Fault[] = [];
    for (let i = 0; i < size; i += 1) {
      let next = deck.findIndex((card) => fits(card, faults));
      // Few kinds may not mix at all: then the round stays small.
      if (next === -1 && (faults.length === 0 || deck.length < SIZES.length)) {
        refill();
        next = deck.findIndex((card) => fits(card, faults));
      }
      const [card] = next === -1 ? [] : deck.splice(next, 1);
      if (card !== undefined) faults.push(toFault(engine, card));
    }
    return faults;
  }

  return Array.from({ length: rounds }, (_, i) => {
    if (sizes.length === 0) sizes.push(...shuffle(engine, [...SIZES]));
    const faults = dealRound(sizes.pop() ?? 1);
    const isSharded = faults.some(({ place }) => SHARDED.includes(place.activity));
    return {
      round: i + 1,
      partitions: i % 2 === 0 ? 1 : 12,
      shards: isSharded ? 2 : undefined,
      faults,
    };
  });
}

/** One fault an activity, so that none hides another; one that the suite stages itself; one way of training. */
function fits(card: Card, dealt: readonly Fault[]): boolean {
  return dealt.every(({ kind, place, dice }) => {
    if (place.activity === card.activity) return false;
    const names = [place.activity, card.activity];
    if (names.includes('trainForest') && names.some((name) => SHARDED.includes(name))) return false;
    if (kind === 'two-workers' && card.kind === 'two-workers') return false;
    return isKilling({ kind, place, dice }) || isKilling({ ...card, place, dice });
  });
}

const BATCHES = Array.from({ length: LAST_BATCH + 1 }, (_, batch) => String(batch));
/** Of activities that run more than once. */
const PARTS: Partial<Record<ActivityName, readonly string[]>> = {
  publishSplit: ['batch', 'stream'],
  consumeMicroBatch: BATCHES,
  predictMicroBatch: BATCHES,
  publishPredictions: BATCHES,
  growTrees: ['0', '1'],
};

function toFault(engine: Engine, { kind, activity, moment }: Card): Fault {
  const parts = PARTS[activity];
  const part = parts && pick(engine, parts);
  return {
    kind,
    place: { activity, moment, ...(part !== undefined && { part }) },
    dice: real(0, 1)(engine),
  };
}
