import { describe, expect } from 'vitest';
import type { KafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { createDeadLetterLog, refusedRecords, topicWithDeadLetters } from '../../support/log/dead-letters.ts';
import { keysOf, readSettled, test } from '../../support/log/record-log.ts';

/** Holds the first request of a replay to the broker, which is for the positions. */
function holdRequest(moment: 'before' | 'after') {
  let release = (): void => undefined;
  let noteHeld = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const held = new Promise<void>((resolve) => (noteHeld = resolve));
  let isFirst = true;
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    async ask(question) {
      const isHeld = isFirst;
      isFirst = false;
      const hold = async () => {
        noteHeld();
        await released;
      };
      if (isHeld && moment === 'before') await hold();
      const answer = await admin.ask(question);
      if (isHeld && moment === 'after') await hold();
      return answer;
    },
  });
  return { watch, held, release };
}

describe('a replay that is held while another one sends everything', () => {
  const records = refusedRecords(20);
  const { signal } = new AbortController();

  test('after it has read its position sends nothing, and says that it was overtaken', async ({
    environment,
    log,
  }) => {
    const topic = await topicWithDeadLetters(environment, log, records);
    const { watch, held, release } = holdRequest('after');
    const other = createDeadLetterLog(environment);
    const ranges = (await other.survey(topic))?.ranges ?? [];

    const late = createDeadLetterLog(environment, watch).replayChunk(topic, ranges, signal);
    await held;
    expect(await other.replayChunk(topic, ranges, signal)).toEqual({
      replayed: 20,
      leftAlone: [],
      isLast: true,
    });
    release();

    await expect(late).rejects.toThrow('another replay has taken over');
    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
  });

  test('before it has read its position sends nothing', async ({ environment, log }) => {
    const topic = await topicWithDeadLetters(environment, log, records);
    const { watch, held, release } = holdRequest('before');
    const other = createDeadLetterLog(environment);
    const ranges = (await other.survey(topic))?.ranges ?? [];

    const late = createDeadLetterLog(environment, watch).replayChunk(topic, ranges, signal);
    await held;
    expect(await other.replayChunk(topic, ranges, signal)).toMatchObject({ replayed: 20 });
    release();

    // Either everything is already sent, or its commit fails because it was overtaken.
    expect(await late.catch(() => ({ replayed: 0 }))).toMatchObject({ replayed: 0 });
    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
  });
});

test('a replay that is aborted leaves its dead letters to the next one', async ({ environment, log }) => {
  const records = refusedRecords(20);
  const topic = await topicWithDeadLetters(environment, log, records);
  const controller = new AbortController();
  const { watch, held, release } = holdRequest('after');
  const replays = createDeadLetterLog(environment, watch);
  const ranges = (await createDeadLetterLog(environment).survey(topic))?.ranges ?? [];

  const aborted = replays.replayChunk(topic, ranges, controller.signal);
  await held;
  controller.abort();
  release();
  await expect(aborted).rejects.toThrow('aborted');
  expect(await readSettled(environment, topic)).toEqual([]);

  expect(await replays.replayChunk(topic, ranges, new AbortController().signal)).toMatchObject({
    replayed: 20,
  });
  expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
});
