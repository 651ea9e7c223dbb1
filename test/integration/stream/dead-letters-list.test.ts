import { describe, expect } from 'vitest';
import { deadLettersTopic } from '../../../src/domain/names.ts';
import { refusedRecord, topicWithDeadLetters } from '../../support/log/dead-letters.ts';
import { imdb, jsonOf } from '../../support/command/imdb-command.ts';
import { test } from '../../support/log/record-log.ts';

describe('imdb dead-letters list', () => {
  test('shows the newest with place, reason and value, and nothing that moves the cursor', async ({
    environment,
    log,
  }) => {
    const hostile = refusedRecord(2, { value: Buffer.from('\u001b[2J{"a":\n\u202e"b"}') });
    const binary = refusedRecord(3, { value: Buffer.from([0xc3, 0x28, 0x9b, 0x41]), key: null });
    const tombstone = refusedRecord(4, { value: null });
    const topic = await topicWithDeadLetters(environment, log, [
      refusedRecord(1),
      hostile,
      binary,
      tombstone,
    ]);

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
    const topic = await topicWithDeadLetters(environment, log, [record, refusedRecord(8), refusedRecord(9)]);

    const all = jsonOf(await imdb(['dead-letters', 'list', topic, '--json'], environment.env));
    const one = jsonOf(
      await imdb(['dead-letters', 'list', topic, '--json', '--limit', '1'], environment.env),
    );

    expect(all).toMatchObject({ topic, deadLetters: 3, awaiting: 3, foreign: 0 });
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
    expect(one).toMatchObject({ deadLetters: 3 });
    expect(one['newest']).toHaveLength(1);
  });

  test('of no dead letters is one line, and so is a replay of none', async ({ environment, log }) => {
    const empty = await topicWithDeadLetters(environment, log, []);
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
