import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { METRICS } from '../../../src/domain/metrics.ts';

const ROOT = new URL('../../../', import.meta.url);

function read(file: string): Promise<string> {
  return readFile(new URL(file, ROOT), 'utf8');
}

test('docs/observability.md lists every metric with its kind, labels and meaning', async () => {
  const page = await read('docs/observability.md');
  const rows = page.split('\n').filter((line) => line.startsWith('| `imdb_'));
  const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));

  expect(cells.map(([, name, kind, labels, help]) => [name, kind, labels, help])).toEqual(
    Object.entries(METRICS).map(([name, { kind, labels, help }]) => [
      `\`${name}\``,
      kind,
      labels.join(', '),
      help,
    ]),
  );
});
