import getPort from 'get-port';
import { describe, expect } from 'vitest';
import { nodeDigests } from '../../../src/adapters/digests.ts';
import { cutToFit } from '../../../src/domain/log/dead-letter.ts';
import { deadLettersTopic } from '../../../src/domain/names.ts';
import {
  consumed,
  contentsOf,
  deadLetterOf,
  publishDeadLetters,
  refusedRecord,
  refusedRecords,
  topicWithDeadLetters,
} from '../../support/log/dead-letters.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { keysOf, readSettled, test } from '../../support/log/record-log.ts';

const EIGHT_DAYS_MS = 8 * 24 * 3_600_000;

describe('imdb dead-letters replay', () => {
  test('sends every record back byte for byte, once, however often it is run', async ({
    environment,
    log,
  }) => {
    const records = [
      ...refusedRecords(8),
      refusedRecord(8, { key: null }),
      refusedRecord(9, { key: Buffer.from('') }),
      refusedRecord(10, { value: null, headers: [['constructor', Buffer.from('c')]] }),
      refusedRecord(11, { headers: [['dead-letter.topic', Buffer.from('set by its producer')]] }),
    ];
    const topic = await topicWithDeadLetters(environment, log, records);
    const replay = (...options: string[]) =>
      imdb(['dead-letters', 'replay', topic, ...options], environment.env);

    const dry = await replay('--dry-run');
    expect(dry.stdout.split('\n').at(-1)).toBe(`Would replay 12 dead letters to ${topic}`);
    expect(dry.stdout).toContain(`${topic}[0]@11`);
    expect(await readSettled(environment, topic)).toEqual([]);

    expect(await replay()).toMatchObject({
      exitCode: 0,
      stdout: `Replayed 12 of 12 dead letters to ${topic}`,
    });
    expect(await replay()).toMatchObject({ exitCode: 0, stdout: `No dead letters of ${topic} await replay` });
    expect(contentsOf((await readSettled(environment, topic)).map(consumed))).toEqual(contentsOf(records));
    const listed = jsonOf(await imdb(['dead-letters', 'list', topic, '--json'], environment.env));
    expect(listed).toMatchObject({ deadLetters: 12, awaiting: 0 });

    // A record that is refused again is a new dead letter.
    const again = refusedRecord(3);
    await publishDeadLetters(log, topic, [deadLetterOf(topic, again)]);
    expect(jsonOf(await replay('--json'))).toEqual({
      topic,
      dryRun: false,
      replayed: 1,
      awaiting: 1,
      leftAlone: [],
    });
    expect(contentsOf((await readSettled(environment, topic)).map(consumed))).toEqual(
      contentsOf([...records, again]),
    );
  });

  test('puts a keyed record where any producer puts it, and spreads those without a key', async ({
    environment,
    log,
    producer,
  }) => {
    const keyless = Array.from({ length: 30 }, (_, i) => refusedRecord(100 + i, { key: null }));
    const topic = await topicWithDeadLetters(environment, log, [...refusedRecords(30), ...keyless]);
    const reference = await topicWithDeadLetters(environment, log, []);
    await producer.send({
      topic: reference,
      messages: refusedRecords(30).map(({ key, value }) => ({ key: key as Buffer, value: value as Buffer })),
    });

    expect(await imdb(['dead-letters', 'replay', topic], environment.env)).toMatchObject({ exitCode: 0 });

    const places = (messages: Awaited<ReturnType<typeof readSettled>>) =>
      messages
        .filter(({ key }) => key !== null)
        .map(({ partition, key }) => `${partition} ${String(key)}`)
        .sort();
    const found = await readSettled(environment, topic);
    expect(places(found)).toEqual(places(await readSettled(environment, reference)));
    const spread = found.filter(({ key }) => key === null).map(({ partition }) => partition);
    const used = new Set(found.map(({ partition }) => partition));
    expect([...used].map((partition) => spread.filter((other) => other === partition).length)).toEqual(
      [...used].map(() => 30 / used.size),
    );
  });

  test('skips records that are not whole dead letters of the topic, and says so once', async ({
    environment,
    log,
  }) => {
    const topic = await topicWithDeadLetters(environment, log, []);
    const records = [
      { key: 'unrelated', value: 'hello', headers: [] },
      deadLetterOf('another-topic', refusedRecord(1)),
      deadLetterOf(topic, refusedRecord(2)),
      deadLetterOf(
        topic,
        cutToFit(refusedRecord(3, { value: Buffer.alloc(20_000) }), 15_000, (bytes) =>
          nodeDigests.sha256(bytes),
        ),
      ),
    ];
    await publishDeadLetters(log, topic, records);

    const replay = () => imdb(['dead-letters', 'replay', topic], environment.env);
    const first = await replay();
    expect(first).toMatchObject({ exitCode: 0, stdout: `Replayed 1 of 1 dead letter to ${topic}` });
    expect(first.stderr).toMatch(
      /left alone: .*dead-letters\[\d\]@\d+: header dead-letter\.topic is missing/,
    );
    expect(first.stderr).toMatch(/left alone: .*dead-letters\[\d\]@\d+: it comes from another topic/);
    expect(first.stderr).toContain(`the whole record was ${topic}[0]@3`);
    expect((await replay()).stderr).toBe('');
    expect(keysOf(await readSettled(environment, topic))).toEqual(['row-2']);
    const { stdout } = await imdb(['dead-letters', 'list', topic], environment.env);
    expect(stdout).toContain(
      `2 dead letters of ${topic}, 0 not replayed; cut short: 1; records that are not dead letters: 2`,
    );
  });

  test('of dead letters older than the broker keeps positions needs --first', async ({
    environment,
    log,
    producer,
    admin,
  }) => {
    const topic = environment.newTopic();
    // Otherwise the broker deletes what is older than seven days when it looks for old records, every five minutes.
    const configEntries = [{ name: 'retention.ms', value: '-1' }];
    await admin.createTopics({ topics: [{ topic: deadLettersTopic(topic), configEntries }] });
    await log.publisher.ensureTopics([topic, deadLettersTopic(topic)]);
    const { key, value, headers } = deadLetterOf(topic, refusedRecord(5));
    const toBuffer = (bytes: string | Uint8Array | null) => Buffer.from((bytes ?? '') as Uint8Array);
    const message = {
      key: toBuffer(key),
      value: toBuffer(value),
      headers: Object.fromEntries(headers.map(([name, bytes]) => [name, toBuffer(bytes)])),
      timestamp: String(Date.now() - EIGHT_DAYS_MS),
    };
    await producer.send({ topic: deadLettersTopic(topic), messages: [message] });
    const replay = (...options: string[]) =>
      imdb(['dead-letters', 'replay', topic, ...options], environment.env);

    const refusedReplay = await replay();
    expect(refusedReplay.exitCode).toBe(2);
    expect(refusedReplay.stderr).toContain(`1 dead letter of ${topic} may have been replayed before`);
    expect(await readSettled(environment, topic)).toEqual([]);

    expect(await replay('--first')).toMatchObject({ exitCode: 0 });
    expect(await replay('--first')).toMatchObject({ exitCode: 0 });
    expect(keysOf(await readSettled(environment, topic))).toEqual(['row-5']);
  });

  test('without a broker names it, what was replayed, and that it can be run again', async ({
    environment,
  }) => {
    const broker = `127.0.0.1:${await getPort()}`;
    const env = { ...environment.env, KAFKA_BROKERS: broker };

    const [listed, replayed] = await Promise.all([
      imdb(['dead-letters', 'list'], env),
      imdb(['dead-letters', 'replay'], env),
    ]);

    expect([listed, replayed].map(({ exitCode, stdout }) => ({ exitCode, stdout }))).toEqual([
      { exitCode: 2, stdout: '' },
      { exitCode: 2, stdout: '' },
    ]);
    expect(listed.stderr).toMatch(new RegExp(`^imdb: cannot look for dead letters .*broker ${broker}`));
    expect(replayed.stderr).toContain('Check KAFKA_BROKERS; nothing was replayed');
  });
});
