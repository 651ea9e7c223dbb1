import { expect } from 'vitest';
import { describeFault, type Fault, type FaultKind, type RoundPlan } from '../faults/faults/fault.ts';
import type { RoundReport } from '../faults/round.ts';

/** A round of the pipeline with one fault. */
export function planRound(
  round: number,
  partitions: RoundPlan['partitions'],
  kind: FaultKind,
  place: Fault['place'],
  random = 0,
): RoundPlan {
  return { round, job: 'pipeline', partitions, shards: undefined, faults: [{ kind, random, place }] };
}

/** The fault was injected, and every row was predicted once, as in a run without faults. */
export function expectSound(report: RoundReport | undefined, plan: RoundPlan): void {
  expect(report?.failure).toBeUndefined();
  expect(report?.fired.map(({ fault }) => describeFault(fault))).toEqual(plan.faults.map(describeFault));
  expect(report?.verdicts).toHaveLength(1);
  expect(report?.verdicts[0]).toMatchObject({
    rowsIn: 221,
    predicted: 221,
    deadLettered: 0,
    lost: [],
    duplicated: [],
    unexpected: [],
    isHashEqual: true,
  });
}
