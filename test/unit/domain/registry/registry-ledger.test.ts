import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInput } from '../../../../src/domain/errors.ts';
import type {
  ModelProposal,
  RegistryEntry,
  RegistryState,
  Verdict,
} from '../../../../src/domain/registry/model-registry.ts';
import {
  createRegistryLedger,
  KEPT_BYTES,
  KEPT_ENTRIES,
} from '../../../../src/domain/registry/registry-ledger.ts';
import { registeredModel } from '../../../support/unit/registered-model.ts';

const AT = '2026-11-28T02:00:00.000Z';
const versionOf = (run: string): string => registeredModel(run).version;

function propose(run: string, against: string | null, verdict: Verdict = 'promote'): ModelProposal {
  return { model: registeredModel(run), verdict, reason: `because of ${run}`, against, comparison: null };
}

/** A ledger in which these runs were promoted in order. */
function promotedLedger(...runs: readonly string[]) {
  const ledger = createRegistryLedger();
  for (const run of runs) ledger.propose(propose(run, ledger.champion()?.model.version ?? null), AT);
  return ledger;
}

const action = fc.oneof(
  fc.record({
    kind: fc.constant('propose' as const),
    run: fc.integer({ min: 0, max: 30 }),
    verdict: fc.constantFrom<Verdict>('promote', 'keep', 'refuse', 'reject', 'unchanged'),
    isStale: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('promote' as const), run: fc.integer({ min: 0, max: 30 }) }),
  fc.record({ kind: fc.constant('rollback' as const) }),
  fc.record({ kind: fc.constant('continue as new' as const) }),
);

describe('a registry’s history', () => {
  test('is complete, ordered and immutable, and each entry names the champion after it', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
        let ledger = createRegistryLedger();
        const expected: RegistryEntry[] = [];
        for (const step of actions) {
          const before = ledger.champion()?.model.version ?? null;
          try {
            switch (step.kind) {
              case 'propose': {
                const against = step.isStale ? 'gone' : before;
                const outcome = ledger.propose(propose(`r${step.run}/0`, against, step.verdict), AT);
                const isNew =
                  outcome.kind === 'recorded' &&
                  !expected.some(({ number }) => number === outcome.entry.number);
                if (isNew) expected.push(structuredClone(outcome.entry));
                if (outcome.kind === 'stale') expect(outcome.champion).toBe(before);
                break;
              }
              case 'promote':
                ledger.requirePromotable(versionOf(`r${step.run}/0`));
                expected.push(structuredClone(ledger.promote(versionOf(`r${step.run}/0`), 'by hand', AT)));
                break;
              case 'rollback':
                ledger.requireEarlier();
                expected.push(structuredClone(ledger.rollback('bad', AT)));
                break;
              case 'continue as new':
                ledger = createRegistryLedger(JSON.parse(JSON.stringify(ledger.state())) as RegistryState);
            }
          } catch (error) {
            // Refused: nothing may have changed.
            expect(error).toBeInstanceOf(InvalidInput);
            expect(ledger.champion()?.model.version ?? null).toBe(before);
          }
        }
        expect(ledger.entries()).toEqual(expected);
        expect(expected.map(({ number }) => number)).toEqual(expected.map((_, i) => i + 1));
        expect(ledger.champion()?.model.version ?? null).toBe(expected.at(-1)?.champion ?? null);
        const runs = expected.filter(({ change }) => !/hand|back/.test(change)).map(({ model }) => model.run);
        expect(new Set(runs).size).toBe(runs.length);
      }),
    );
  });

  test('keeps the newest entries, their numbers, and the champion whose entry is gone', () => {
    const ledger = promotedLedger('first/0');
    for (let i = 0; i < KEPT_ENTRIES + 5; i += 1) {
      ledger.propose(propose(`r${i}/0`, versionOf('first/0'), 'keep'), AT);
    }

    expect(ledger.entries()).toHaveLength(KEPT_ENTRIES);
    expect(ledger.entries()[0]?.number).toBe(7);
    expect(ledger.state().total).toBe(KEPT_ENTRIES + 6);
    expect(ledger.champion()?.model.run).toBe('first/0');
    expect(() => {
      ledger.requireEarlier();
    }).toThrow('no earlier champion');
  });

  test('fits into a payload of Temporal, whatever was written as a reason', () => {
    const ledger = promotedLedger('first/0');
    const reason = '片'.repeat(600);
    for (let i = 0; i < 1_000; i += 1) {
      ledger.propose({ ...propose(`r${i}/0`, versionOf('first/0'), 'keep'), reason }, AT);
    }
    const again = createRegistryLedger(ledger.state());
    again.propose({ ...propose('last/0', versionOf('first/0'), 'keep'), reason }, AT);

    const bytes = Buffer.byteLength(JSON.stringify(again.state()));
    expect(bytes).toBeLessThan(KEPT_BYTES + 10_000);
    expect(bytes).toBeGreaterThan(KEPT_BYTES - 10_000);
    expect(again.entries().at(-1)?.number).toBe(1_002);
  });
});

describe('a proposal', () => {
  test('that a run repeats returns the entry recorded for the first one', () => {
    const ledger = promotedLedger('a/0', 'b/0');
    const again = ledger.propose(propose('a/0', versionOf('b/0'), 'keep'), AT);

    expect(again).toMatchObject({ kind: 'recorded', entry: { number: 1, change: 'promoted' } });
    expect(ledger.entries()).toHaveLength(2);
  });

  test('of a run that was reset and has trained another model is a new one', () => {
    const ledger = promotedLedger('a/0');
    const other = {
      ...propose('a/0', versionOf('a/0')),
      model: registeredModel('a/0', { version: 'b'.repeat(12) }),
    };

    expect(ledger.propose(other, AT)).toMatchObject({
      kind: 'recorded',
      entry: { number: 2, champion: 'b'.repeat(12) },
    });
  });

  test('that was compared with another champion is stale, and nothing is recorded', () => {
    const ledger = promotedLedger('a/0', 'b/0');

    for (const against of [null, versionOf('a/0')]) {
      expect(ledger.propose(propose('c/0', against), AT)).toEqual({
        kind: 'stale',
        champion: versionOf('b/0'),
      });
    }
    expect(ledger.entries()).toHaveLength(2);
  });

  test('of a version that was rolled back is refused, unless it is approved', () => {
    const ledger = promotedLedger('a/0', 'b/0');
    ledger.rollback('bad predictions', AT);
    const tonight = (run: string): ModelProposal => ({
      ...propose(run, versionOf('a/0')),
      model: { ...registeredModel('b/0'), run },
    });

    expect(ledger.propose(tonight('c/0'), AT)).toMatchObject({
      entry: { change: 'refused', champion: versionOf('a/0') },
    });
    expect(ledger.propose({ ...tonight('d/0'), isApproved: true }, AT)).toMatchObject({
      entry: { change: 'promoted', champion: versionOf('b/0') },
    });
  });
});

describe('a rollback', () => {
  test('goes further back each time, also past a reinstated champion, to the first', () => {
    const ledger = promotedLedger('a/0', 'b/0');
    ledger.promote(versionOf('a/0'), 'again', AT);
    ledger.propose(propose('c/0', versionOf('a/0')), AT);

    expect([1, 2, 3].map(() => ledger.rollback('bad', AT).champion)).toEqual(
      ['a/0', 'b/0', 'a/0'].map(versionOf),
    );
    expect(() => ledger.rollback('bad', AT)).toThrow(/no earlier champion to go back to: got .*, the first/);
  });

  test('after a promotion returns to the champion before it, not to a rolled-back one', () => {
    const ledger = promotedLedger('a/0', 'b/0');
    ledger.rollback('bad', AT);
    ledger.propose(propose('c/0', versionOf('a/0')), AT);

    expect(ledger.rollback('bad', AT).champion).toBe(versionOf('a/0'));
  });

  test('without any champion is refused', () => {
    expect(() => {
      createRegistryLedger().requireEarlier();
    }).toThrow('got no champion');
  });
});

describe('a promotion by hand', () => {
  test('of a version that was never proposed is refused with the known ones', () => {
    const ledger = promotedLedger('a/0', 'b/0');

    expect(() => {
      ledger.requirePromotable('ffffffffffff');
    }).toThrow(`expected one of ${versionOf('a/0')}, ${versionOf('b/0')}, got ffffffffffff`);
  });

  test('makes a model that was not promoted the champion, if its features match', () => {
    const ledger = promotedLedger('a/0');
    ledger.propose(propose('b/0', versionOf('a/0'), 'keep'), AT);
    const otherFeatures = registeredModel('c/0', { schemaSha256: 'other' });
    ledger.propose({ ...propose('c/0', versionOf('a/0'), 'refuse'), model: otherFeatures }, AT);

    ledger.requirePromotable(versionOf('b/0'));
    expect(ledger.promote(versionOf('b/0'), 'better in production', AT)).toMatchObject({
      change: 'promoted by hand',
      champion: versionOf('b/0'),
      reason: 'better in production',
    });
    expect(() => {
      ledger.requirePromotable(otherFeatures.version);
    }).toThrow('other features or another target');
    expect(() => {
      ledger.requirePromotable(versionOf('b/0'));
    }).toThrow('is the champion already');
  });
});
