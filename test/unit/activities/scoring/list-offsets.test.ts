import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { createListOffsets } from '../../../../src/activities/scoring/list-offsets.ts';
import type { StreamLog } from '../../../../src/activities/scoring/stream-log.ts';
import { runActivity } from '../../../support/unit/activity.ts';

const POSITION = [{ partition: 0, offset: 5 }];
const HOURS = 3_600_000;

/** A topic that has a new record from the given question on. */
function logWithRecordAt(question: number) {
  let questions = 0;
  const refuse = (): never => {
    throw new Error('not asked for');
  };
  const streamLog: StreamLog = {
    async listOffsets() {
      questions += 1;
      return [{ partition: 0, low: 0, high: questions >= question ? 6 : 5 }];
    },
    committed: async () => POSITION,
    offsetsAt: refuse,
    claim: refuse,
    commit: refuse,
  };
  return { listOffsets: createListOffsets({ streamLog }), questions: () => questions };
}

const input = (mostMs?: number) => ({
  stream: 's',
  topic: 'a1',
  position: POSITION,
  ...(mostMs !== undefined && { wait: { pauseMs: 1, mostMs } }),
});

describe('a poll of a topic', () => {
  test('that may wait ends with the first new record', async () => {
    const { listOffsets, questions } = logWithRecordAt(3);

    expect(await runActivity(listOffsets, input(HOURS))).toEqual([{ partition: 0, low: 0, high: 6 }]);
    expect(questions()).toBe(3);
  });

  test('ends without a new record when it may not wait longer', async () => {
    const { listOffsets, questions } = logWithRecordAt(Infinity);

    expect(await runActivity(listOffsets, input())).toEqual([{ partition: 0, low: 0, high: 5 }]);
    expect(questions()).toBe(1);
    expect(await runActivity(listOffsets, input(1))).toEqual([{ partition: 0, low: 0, high: 5 }]);
  });

  test('that waits ends when its stream no longer needs the answer', async () => {
    const { listOffsets } = logWithRecordAt(Infinity);
    const environment = new MockActivityEnvironment();
    const answer = environment.run(listOffsets, input(HOURS));
    environment.cancel();

    await expect(answer).rejects.toThrow('CANCELLED');
  });
});
