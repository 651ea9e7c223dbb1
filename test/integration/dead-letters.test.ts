import { once } from 'node:events';
import getPort from 'get-port';
import { describe, expect, onTestFinished } from 'vitest';
import { toMessage } from '../../src/adapters/kafka-messages.ts';
import { deadLettersTopic } from '../../src/domain/names.ts';
import {
  consumed,
  contentsOf,
  letterOf,
  publishLetters,
  refusedRecord,
  replayedOffsets,
  topicWithLetters,
} from '../support/dead-letters.ts';
import { imdb, startImdb, type CommandEnd } from '../support/imdb-command.ts';
import { pollUntil } from '../support/poll-until.ts';
import { keysOf, readSettled, test } from '../support/record-log.ts';

/** A replay sends 500 offsets a transaction. */
const SEVERAL_CHUNKS = 8_000;
const EIGHT_DAYS_MS = 8 * 24 * 3_600_000;

const refused = (count: number) => Array.from({ length: count }, (_, i) => refusedRecord(i));

function jsonOf({ stdout }: CommandEnd): Record<string, unknown> {
  return JSON.parse(stdout.split('\n').at(-1) ?? '') as Record<string, unknown>;
}

describe('imdb dead-letters list', () => {
  test('shows the newest with place, reason and value, and nothing that moves the cursor', async ({
    environment,
    log,
  }) => {
    const hostile = refusedRecord(2, { value: Buffer.from('\u001b[2J{"a":\n\u202e"b"}') });
    const binary = refusedRecord(3, { value: Buffer.from([0xc3, 0x28, 0x9b, 0x41]), key: null });
    const tombstone = refusedRecord(4, { value: null });
    const topic = await topicWithLetters(environment, log, [refusedRecord(1), hostile, binary, tombstone]);

    const { exitCode, stdout, stderr } = await imdb(['dead-letters', 'list', topic], environment.env);

    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const offset of [1, 2, 3, 4]) {
      expect(stdout).toContain(`MalformedRecord: "budget" is not a number [${topic}[0]@${offset}]: got "NA"`);
    }
    expect(stdout).toContain('{"budget": "NA", "row": 1}');
    expect(stdout).toContain('\\x1b[2J{"a":\\x0a\\u{202e}"b"}');
    expect(stdout).toContain('\\xc3(\\x9bA');
    expect(stdout).toContain('no value');
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    expect(stdout.trim().split('\n').at(-1)).toBe(`4 dead letters of ${topic}, 4 not replayed`);
  });

  test('--json has the bytes and the facts of the newest, and the counts of all', async ({
    environment,
    log,
  }) => {
    const record = refusedRecord(7, { value: Buffer.from([0xff, 0x00]) });
    const topic = await topicWithLetters(environment, log, [record, refusedRecord(8), refusedRecord(9)]);

    const all = jsonOf(await imdb(['dead-letters', 'list', topic, '--json'], environment.env));
    const one = jsonOf(
      await imdb(['dead-letters', 'list', topic, '--json', '--limit', '1'], environment.env),
    );

    expect(all).toMatchObject({ topic, letters: 3, awaiting: 3, strays: 0 });
    const newest = all['newest'] as { facts: { offset: number } }[];
    expect(newest.find(({ facts }) => facts.offset === 7)).toMatchObject({
      replayed: false,
      facts: { topic, partition: 0, errorType: 'MalformedRecord', runId: 'test-run/1' },
      key: Buffer.from('row-7').toString('base64'),
      value: '/wA=',
      headers: expect.arrayContaining([
        ['trace', '/wAH'],
        ['trace', ''],
      ]) as unknown,
    });
    expect(one).toMatchObject({ letters: 3 });
    expect(one['newest']).toHaveLength(1);
  });

  test('of none is one line, and so is a replay', async ({ environment, log }) => {
    const empty = await topicWithLetters(environment, log, []);
    const missing = environment.newTopic();

    const run = (verb: string, topic: string) => imdb(['dead-letters', verb, topic], environment.env);
    const ends = await Promise.all([
      run('list', empty),
      run('list', missing),
      run('replay', empty),
      run('replay', missing),
    ]);

    const noTopic = `${missing} has no dead letters: there is no topic ${deadLettersTopic(missing)}`;
    expect(ends).toEqual(
      [
        `${empty} has no dead letters: ${deadLettersTopic(empty)} is empty`,
        noTopic,
        `No dead letters of ${empty} await replay`,
        noTopic,
      ].map((stdout) => ({ exitCode: 0, stdout, stderr: '' })),
    );
  });
});

describe('imdb dead-letters replay', () => {
  test('sends every record back byte for byte, once however often it is run, and later letters then', async ({
    environment,
    log,
  }) => {
    const records = [
      ...refused(8),
      refusedRecord(8, { key: null }),
      refusedRecord(9, { key: Buffer.from('') }),
      refusedRecord(10, { value: null, headers: [['constructor', Buffer.from('c')]] }),
      refusedRecord(11, { headers: [['dead-letter.topic', Buffer.from('brought along')]] }),
    ];
    const topic = await topicWithLetters(environment, log, records);
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
    expect(listed).toMatchObject({ letters: 12, awaiting: 0 });

    // A record that is refused again is a new letter.
    const again = refusedRecord(3);
    await publishLetters(log, topic, [letterOf(topic, again)]);
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

  test('puts a record with a key where an ordinary producer puts it, and spreads those without', async ({
    environment,
    log,
    producer,
  }) => {
    const keyless = Array.from({ length: 30 }, (_, i) => refusedRecord(100 + i, { key: null }));
    const topic = await topicWithLetters(environment, log, [...refused(30), ...keyless]);
    const twin = await topicWithLetters(environment, log, []);
    await producer.send({
      topic: twin,
      messages: refused(30).map(({ key, value }) => ({ key: key as Buffer, value: value as Buffer })),
    });

    expect(await imdb(['dead-letters', 'replay', topic], environment.env)).toMatchObject({ exitCode: 0 });

    const places = (messages: Awaited<ReturnType<typeof readSettled>>) =>
      messages
        .filter(({ key }) => key !== null)
        .map(({ partition, key }) => `${partition} ${String(key)}`)
        .sort();
    const found = await readSettled(environment, topic);
    expect(places(found)).toEqual(places(await readSettled(environment, twin)));
    const spread = found.filter(({ key }) => key === null).map(({ partition }) => partition);
    const used = new Set(found.map(({ partition }) => partition));
    expect([...used].map((partition) => spread.filter((other) => other === partition).length)).toEqual(
      [...used].map(() => 30 / used.size),
    );
  });

  test('leaves alone what is no dead letter of the topic, says so once, and sends the rest', async ({
    environment,
    log,
  }) => {
    const topic = await topicWithLetters(environment, log, []);
    const records = [
      { key: 'stray', value: 'hello', headers: [] },
      letterOf('another-topic', refusedRecord(1)),
      letterOf(topic, refusedRecord(2)),
    ];
    await publishLetters(log, topic, records);

    const replay = () => imdb(['dead-letters', 'replay', topic], environment.env);
    const first = await replay();
    expect(first).toMatchObject({ exitCode: 0, stdout: `Replayed 1 of 1 dead letter to ${topic}` });
    expect(first.stderr).toMatch(
      /left alone: .*dead-letters\[\d\]@\d+: header dead-letter\.topic is missing/,
    );
    expect(first.stderr).toMatch(/left alone: .*dead-letters\[\d\]@\d+: it comes from another topic/);
    expect((await replay()).stderr).toBe('');
    expect(keysOf(await readSettled(environment, topic))).toEqual(['row-2']);
    const { stdout } = await imdb(['dead-letters', 'list', topic], environment.env);
    expect(stdout).toContain(`1 dead letter of ${topic}, 0 not replayed; records that are none: 2`);
  });

  test('killed in the middle, twice, and run again leaves every record in the topic once', async ({
    environment,
    log,
    admin,
  }) => {
    const records = refused(SEVERAL_CHUNKS);
    const topic = await topicWithLetters(environment, log, records);
    const sent = async () => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.reduce((sum, { high }) => sum + Number(high), 0);
    };

    // Once as soon as records are seen, once as soon as a position is: a gap between them would show.
    for (const progress of [sent, () => replayedOffsets(admin, topic)]) {
      const before = await progress();
      const killed = startImdb(['dead-letters', 'replay', topic], environment.env);
      onTestFinished(() => void killed.kill('SIGKILL'));
      await pollUntil('a chunk to be committed', async () => (await progress()) > before);
      killed.kill('SIGKILL');
      await once(killed, 'exit');
    }
    const rest = jsonOf(await imdb(['dead-letters', 'replay', topic, '--json'], environment.env));

    expect(rest['replayed']).toBeGreaterThan(0);
    expect(rest['replayed']).toBeLessThan(SEVERAL_CHUNKS);
    const found = await readSettled(environment, topic);
    expect(found).toHaveLength(SEVERAL_CHUNKS);
    expect(keysOf(found)).toEqual(keysOf(records));
  });

  test('interrupted by Ctrl-C says where it stopped, and the next one sends the rest', async ({
    environment,
    log,
    admin,
  }) => {
    const records = refused(SEVERAL_CHUNKS);
    const topic = await topicWithLetters(environment, log, records);

    const interrupted = startImdb(['dead-letters', 'replay', topic], environment.env);
    onTestFinished(() => void interrupted.kill('SIGKILL'));
    let stderr = '';
    interrupted.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await pollUntil('the first chunk to be committed', async () => (await replayedOffsets(admin, topic)) > 0);
    interrupted.kill('SIGINT');
    const [exitCode] = (await once(interrupted, 'close')) as [number | null];

    expect(exitCode).toBe(2);
    const [, done] =
      /interrupted: replayed ([\d,]+) of 8,000 dead letters to .*; run it again for the rest/.exec(stderr) ??
      [];
    const sent = Number(done?.replace(',', ''));
    expect(await readSettled(environment, topic)).toHaveLength(sent);

    const rest = jsonOf(await imdb(['dead-letters', 'replay', topic, '--json'], environment.env));
    expect(rest).toMatchObject({ replayed: SEVERAL_CHUNKS - sent });
    expect(keysOf(await readSettled(environment, topic))).toEqual(keysOf(records));
  });

  test('run twice at the same time sends every record once, and one of the two gets to the end', async ({
    environment,
    log,
  }) => {
    const records = refused(SEVERAL_CHUNKS);
    const topic = await topicWithLetters(environment, log, records);
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

  test('of letters older than the broker remembers a replay sends nothing until told that it is the first', async ({
    environment,
    log,
    producer,
  }) => {
    const topic = await topicWithLetters(environment, log, []);
    const letter = toMessage(letterOf(topic, refusedRecord(5)));
    const message = {
      ...letter,
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

  test('without a broker says which, what was replayed, and that it can be run again', async ({
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
    expect(replayed.stderr).toContain('Check KAFKA_BROKERS and its credentials; nothing was replayed');
  });
});
