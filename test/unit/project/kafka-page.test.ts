import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { NEEDED } from '../../../src/adapters/kafka/errors/permissions.ts';

const page = await readFile(new URL('../../../docs/kafka.md', import.meta.url), 'utf8');

function tableAfter(heading: string): string[][] {
  const [, section = ''] = page.split(`\n## ${heading}\n`);
  const rows = section.split('\n## ')[0]?.match(/^\|.*\|$/gm) ?? [];
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

test('the page on Kafka lists the permissions that the authorizer test proves', () => {
  expect(tableAfter('Permissions')).toEqual(
    NEEDED.map(({ resource, prefix = 'your topic', operations }) => [
      resource,
      prefix,
      operations.join(', '),
    ]),
  );
});

test('the commands of the page on Kafka permit what its table lists', () => {
  const commands = page.match(/^kafka-acls\.sh (?:.*\\\n)*.*$/gm) ?? [];
  const operations = commands.map((command) =>
    [...command.matchAll(/--operation (\w+)/g)].map(([, name = '']) => name.toUpperCase()),
  );

  expect(operations).toEqual(NEEDED.map((needed) => needed.operations));
});
