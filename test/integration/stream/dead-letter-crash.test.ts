import { once } from 'node:events';
import { describe, expect, onTestFinished } from 'vitest';
import type { LogRecord } from '../../../src/domain/log/record.ts';
import {
  deadLetterOf,
  publishDeadLetters,
  refusedRecord,
  refusedRecords,
  replayedOffsets,
  topicWithDeadLetters,
} from '../../support/log/dead-letters.ts';
import { imdb, jsonOf, startImdb } from '../../support/command/imdb-command.ts';
import { pollUntil } from '../../support/poll-until.ts';
import { keysOf, readSettled, test } from '../../support/log/record-log.ts';

/** A replay sends 500 offsets a transaction. */
const SEVERAL_CHUNKS = 8_000;

describe('imdb dead-letters replay', () => {
  test('killed in the middle, twice, and run again leaves every record in the topic once', async ({
    environment,
    log,
    admin,
  }) => {
    const topic = await topicWithDeadLetters(environment, log, []);
    const records: LogRecord[] = [];
    const publishMore = async (): Promise<void> => {
      const more = Array.from({ length: SEVERAL_CHUNKS }, (_, i) => refusedRecord(records.length + i));
      records.push(...more);
      await publishDeadLetters(
        log,
        topic,
        more.map((record) => deadLetterOf(topic, record)),
      );
    };
    const sent = async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.reduce((sum, { high }) => sum + Number(high), 0);
    };

    // One kill when records are visible and one when a position is, so that a gap between the two would be found.
    for (const progress of [sent, () => replayedOffsets(admin, topic)]) {
      // A kill after the end proves nothing: it is repeated with more dead letters.
      await pollUntil('a replay to be killed in the middle', async () => {
        await publishMore();
        const before = await progress();
        const killed = startImdb(['dead-letters', 'replay', topic], environment.env);
        onTestFinished(() => void killed.kill('SIGKILL'));
        await pollUntil('a chunk to be committed', async () => (await progress()) > before);
        killed.kill('SIGKILL');
        await once(killed, 'exit');
        const { awaiting } = jsonOf(
          await imdb(['dead-letters', 'list', topic, '--json'], environment.env),
        ) as { awaiting: number };
        return awaiting > 0;
      });
    }
    const rest = jsonOf(await imdb(['dead-letters', 'replay', topic, '--json'], environment.env));

    expect(rest['replayed']).toBeGreaterThan(0);
    expect(rest['replayed']).toBeLessThan(records.length);
    const found = await readSettled(environment, topic);
    expect(found).toHaveLength(records.length);
    expect(keysOf(found)).toEqual(keysOf(records));
  });

  test('interrupted by Ctrl-C says where it stopped, and the next one sends the rest', async ({
    environment,
    log,
    admin,
  }) => {
    const records = refusedRecords(SEVERAL_CHUNKS);
    // A replay that ended before Ctrl-C proves nothing: another one is interrupted.
    const { topic, stderr } = await pollUntil('a replay to be interrupted in the middle', async () => {
      const topic = await topicWithDeadLetters(environment, log, records);
      const interrupted = startImdb(['dead-letters', 'replay', topic], environment.env);
      onTestFinished(() => void interrupted.kill('SIGKILL'));
      let stderr = '';
      interrupted.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      await pollUntil('a chunk to be committed', async () => (await replayedOffsets(admin, topic)) > 0);
      interrupted.kill('SIGINT');
      const [exitCode] = (await once(interrupted, 'close')) as [number | null];
      return exitCode === 2 && { topic, stderr };
    });

    const [, done] =
      /interrupted: replayed ([\d,]+) of 8,000 dead letters to .*; run it again for the rest/.exec(stderr) ??
      [];
    const sent = Number(done?.replace(',', ''));
    expect(await readSettled(environment, topic)).toHaveLength(sent);

    const rest = jsonOf(await imdb(['dead-letters', 'replay', topic, '--json'], environment.env));
    expect(rest).toMatchObject({ replayed: SEVERAL_CHUNKS - sent });
    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
  });

  test('run twice at the same time sends every record once, and one of them completes', async ({
    environment,
    log,
  }) => {
    const records = refusedRecords(SEVERAL_CHUNKS);
    const topic = await topicWithDeadLetters(environment, log, records);
    const replay = () => imdb(['dead-letters', 'replay', topic], environment.env);

    const ends = await Promise.all([replay(), replay()]);

    expect(ends.map(({ exitCode }) => exitCode)).toContain(0);
    for (const { exitCode, stderr } of ends) {
      if (exitCode !== 0) expect(stderr).toContain('another replay has taken over');
    }
    const found = await readSettled(environment, topic);
    expect(found).toHaveLength(SEVERAL_CHUNKS);
    expect(keysOf(found)).toEqual(keysOf(records));
  });
});
