import { describe, expect } from 'vitest';
import type { KafkaAdmin } from '../../../src/adapters/kafka/admin.ts';
import { createDeadLetterLog, refusedRecords, topicWithLetters } from '../../support/log/dead-letters.ts';
import { keysOf, readSettled, test } from '../../support/log/record-log.ts';

/** Falls asleep around its first question to the broker, which is for the positions. */
function sleepAround(moment: 'before' | 'after') {
  let wake = (): void => undefined;
  let fallAsleep = (): void => undefined;
  const sleep = new Promise<void>((resolve) => (wake = resolve));
  const asleep = new Promise<void>((resolve) => (fallAsleep = resolve));
  let isTired = true;
  const watch = (admin: KafkaAdmin): KafkaAdmin => ({
    ...admin,
    async ask(question) {
      const takesNap = isTired;
      isTired = false;
      const nap = async () => {
        fallAsleep();
        await sleep;
      };
      if (takesNap && moment === 'before') await nap();
      const answer = await admin.ask(question);
      if (takesNap && moment === 'after') await nap();
      return answer;
    },
  });
  return { watch, asleep, wake };
}

describe('a replay that sleeps while another one sends everything', () => {
  const records = refusedRecords(20);
  const { signal } = new AbortController();

  test('after it has read how far it is sends nothing, and says that it was overtaken', async ({
    environment,
    log,
  }) => {
    const topic = await topicWithLetters(environment, log, records);
    const { watch, asleep, wake } = sleepAround('after');
    const other = createDeadLetterLog(environment);
    const ranges = (await other.survey(topic))?.ranges ?? [];

    const late = createDeadLetterLog(environment, watch).replayChunk(topic, ranges, signal);
    await asleep;
    expect(await other.replayChunk(topic, ranges, signal)).toEqual({
      replayed: 20,
      foreign: [],
      isLast: true,
    });
    wake();

    await expect(late).rejects.toThrow('another replay has taken over');
    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
  });

  test('before it has read how far it is sends nothing', async ({ environment, log }) => {
    const topic = await topicWithLetters(environment, log, records);
    const { watch, asleep, wake } = sleepAround('before');
    const other = createDeadLetterLog(environment);
    const ranges = (await other.survey(topic))?.ranges ?? [];

    const late = createDeadLetterLog(environment, watch).replayChunk(topic, ranges, signal);
    await asleep;
    expect(await other.replayChunk(topic, ranges, signal)).toMatchObject({ replayed: 20 });
    wake();

    // It finds everything sent, or that it was overtaken when it commits its position.
    expect(await late.catch(() => ({ replayed: 0 }))).toMatchObject({ replayed: 0 });
    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
  });
});

test('a replay that is aborted leaves its letters to the next one', async ({ environment, log }) => {
  const records = refusedRecords(20);
  const topic = await topicWithLetters(environment, log, records);
  const controller = new AbortController();
  const { watch, asleep, wake } = sleepAround('after');
  const replays = createDeadLetterLog(environment, watch);
  const ranges = (await createDeadLetterLog(environment).survey(topic))?.ranges ?? [];

  const aborted = replays.replayChunk(topic, ranges, controller.signal);
  await asleep;
  controller.abort();
  wake();
  await expect(aborted).rejects.toThrow('aborted');
  expect(await readSettled(environment, topic)).toEqual([]);

  expect(await replays.replayChunk(topic, ranges, new AbortController().signal)).toMatchObject({
    replayed: 20,
  });
  expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
});
