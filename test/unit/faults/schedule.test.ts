import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RUN_ACTIVITIES, STREAM_ACTIVITIES } from '../../../src/domain/run/steps.ts';
import { planRounds } from '../../faults/schedule/schedule.ts';
import { FAULT_KINDS, isKilling, type FaultKind } from '../../faults/faults/fault.ts';

const anySeed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function countKinds(seed: number, rounds: number): Map<FaultKind, number> {
  const counts = new Map<FaultKind, number>();
  for (const { kind } of planRounds(seed, rounds).flatMap(({ faults }) => faults)) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

describe('the schedule of faults', () => {
  test('has every kind at least three times in 60 rounds, whatever the seed', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const counts = countKinds(seed, 60);
        for (const kind of FAULT_KINDS) expect(counts.get(kind) ?? 0, kind).toBeGreaterThanOrEqual(3);
      }),
    );
  });

  test('kills every activity at every moment within 60 rounds, whatever the seed', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const kills = planRounds(seed, 60)
          .flatMap(({ faults }) => faults)
          .filter(({ kind }) => kind.startsWith('kill-'))
          .map(({ kind, place }) => `${kind} ${place.activity}`);
        expect(new Set(kills).size).toBe(new Set([...RUN_ACTIVITIES, ...STREAM_ACTIVITIES]).size * 3);
      }),
    );
  });

  test('plans one to three faults a round, of which none hides another', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        for (const { faults, shards } of planRounds(seed, 50)) {
          expect(faults.length).toBeGreaterThanOrEqual(1);
          expect(faults.length).toBeLessThanOrEqual(3);
          const activities = faults.map(({ place }) => place.activity);
          expect(new Set(activities).size).toBe(activities.length);
          expect(faults.filter((fault) => !isKilling(fault)).length).toBeLessThanOrEqual(1);
          expect(activities.includes('trainForest') && shards !== undefined).toBe(false);
          expect(activities.includes('growTrees') && shards === undefined).toBe(false);
          const stoppedWorkers = faults.filter((fault) => isKilling(fault) || fault.kind === 'zombie');
          if (faults.some(({ kind }) => kind === 'two-workers')) expect(stoppedWorkers).toHaveLength(1);
        }
      }),
    );
  });

  test('has the same round for the same seed, however many rounds are run', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 1, max: 30 }), (seed, round) => {
        expect(planRounds(seed, round).at(-1)).toEqual(planRounds(seed, 60)[round - 1]);
      }),
    );
  });

  test('runs every other round on 1 partition and the others on 12', () => {
    expect(planRounds(7, 4).map(({ partitions }) => partitions)).toEqual([1, 12, 1, 12]);
  });

  test('has only the kinds that were selected', () => {
    const kinds: readonly FaultKind[] = ['zombie', 'broker-away'];
    const faults = planRounds(7, 30, kinds).flatMap((plan) => plan.faults);
    expect(faults.length).toBeGreaterThanOrEqual(30);
    expect(faults.filter(({ kind }) => !kinds.includes(kind))).toEqual([]);
  });
});
