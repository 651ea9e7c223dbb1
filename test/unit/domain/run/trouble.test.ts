import { describe, expect, test } from 'vitest';
import { microBatchWorkflowId } from '../../../../src/domain/names.ts';
import { createTroubleLedger } from '../../../../src/domain/run/trouble-ledger.ts';
import {
  describeTrouble,
  stateOf,
  type FailedAttempt,
  type Trouble,
} from '../../../../src/domain/run/trouble.ts';

const FAILED: FailedAttempt = {
  activity: 'publishSplit',
  type: 'BrokerError',
  message: 'cannot reach\nkafka:9092',
  attempt: 6,
  since: '2026-11-22T02:00:00.000Z',
  nextAttemptAt: '2026-11-22T02:01:03.000Z',
};

const BEGUN_MS = Date.parse(FAILED.since) - 5;

function createLedger() {
  const shown: (Trouble | null)[] = [];
  const told: (readonly [trouble: Trouble | null, isBeginning: boolean])[] = [];
  const ledger = createTroubleLedger({
    show: (trouble) => shown.push(trouble),
    tell: (trouble, isBeginning) => told.push([trouble, isBeginning]),
  });
  return { ...ledger, shown, told };
}

describe('trouble', () => {
  test('begins with the first report and ends with the activity', () => {
    const { begin, set, end, shown, told, current } = createLedger();
    begin('1', 'loadDataset', BEGUN_MS);
    end('1');
    expect(shown).toEqual([]);
    begin('2', 'publishSplit', BEGUN_MS);
    set('2', FAILED);
    const trouble = { ...FAILED, step: 'publish batch' };
    expect(current()).toEqual(trouble);
    end('2');
    expect(shown).toEqual([trouble, null]);
    expect(told).toEqual([
      [trouble, true],
      [null, false],
    ]);
  });

  test('of later attempts is shown, but told again for another failure only', () => {
    const { begin, set, shown, told } = createLedger();
    begin('1', 'publishSplit', BEGUN_MS);
    set('1', FAILED);
    set('1', { ...FAILED, attempt: 7 });
    set('1', { ...FAILED, attempt: 8, type: 'AccessError' });
    expect(shown.map((trouble) => trouble?.attempt)).toEqual([6, 7, 8]);
    expect(told.map(([trouble, isBeginning]) => [trouble?.type, isBeginning])).toEqual([
      ['BrokerError', true],
      ['AccessError', false],
    ]);
  });

  test('of a hundred micro-batches is told once, and its end when the last works again', () => {
    const { begin, set, end, told } = createLedger();
    const ids = Array.from({ length: 100 }, (_, batch) => microBatchWorkflowId('s', batch));
    for (const id of ids) begin(id, 'scoreMicroBatch', BEGUN_MS);
    for (const id of ids) set(id, FAILED);
    for (const id of ids.slice(0, 50)) set(id, null);
    expect(told).toEqual([[{ ...FAILED, place: 'batch 0' }, true]]);
    for (const id of ids) end(id);
    expect(told).toHaveLength(2);
    expect(told[1]).toEqual([null, false]);
  });

  test('of the execution before a reset is not that of the work with the same id', () => {
    const { begin, set, shown } = createLedger();
    begin('1', 'publishSplit', BEGUN_MS + 60_000);
    set('1', FAILED);
    expect(shown).toEqual([]);
  });

  test('that is reported after its end, or of unknown work, says nothing', () => {
    const { begin, set, end, shown } = createLedger();
    begin('1', 'publishSplit', BEGUN_MS);
    end('1');
    set('1', FAILED);
    set('2', FAILED);
    expect(shown).toEqual([]);
  });
});

test('a text says which work fails, why, what to do and when it is tried next', () => {
  expect(describeTrouble({ ...FAILED, step: 'score stream', place: 'batch 3' })).toMatch(
    /^score stream, batch 3 \(publishSplit\) has not succeeded since 2026-11-22 02:00:00 UTC: attempt 6 failed, next retry at 2026-11-22 02:01:03 UTC, last error: BrokerError: cannot reach kafka:9092\. What to do: Start the broker/,
  );
});

test.for([
  [{}, 'Running'],
  [{ isTroubled: true }, 'NeedsAttention'],
  [{ isTroubled: true, isPaused: true }, 'Paused'],
  [{ isTroubled: true, isPaused: true, isAsking: true }, 'NeedsAttention'],
] as const)('%o is shown as %s', ([situation, state]) => {
  expect(stateOf({ isAsking: false, isPaused: false, isTroubled: false, ...situation })).toBe(state);
});
