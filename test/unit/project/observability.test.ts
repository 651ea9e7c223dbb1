import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { METRICS } from '../../../src/domain/metrics.ts';

const ROOT = new URL('../../../', import.meta.url);

function read(file: string): Promise<string> {
  return readFile(new URL(file, ROOT), 'utf8');
}

test('docs/metrics.md lists every metric with its kind, labels and meaning', async () => {
  const page = await read('docs/metrics.md');
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

const HISTOGRAM_PARTS = /_(bucket|sum|count)$/;

/** Names of ours in a text. */
function metricsIn(text: string): string[] {
  return [...text.matchAll(/\bimdb_[a-z_]+/g)].map(([name]) => name);
}

function isKnown(name: string): boolean {
  const base = name.replace(HISTOGRAM_PARTS, '');
  return Object.entries(METRICS).some(([known, { kind }]) =>
    kind === 'histogram' ? known === base && base !== name : known === name,
  );
}

test.for(['deploy/grafana/imdb.json', 'deploy/prometheus/alerts.yml', 'deploy/prometheus/alerts.test.yml'])(
  'every metric that %s names exists',
  async (file) => {
    const names = metricsIn(await read(file));

    expect(names.length).toBeGreaterThan(4);
    expect(names.filter((name) => !isKnown(name))).toEqual([]);
  },
);

test('every panel of the dashboard has a title and asks the chosen Prometheus', async () => {
  interface Panel {
    readonly title: string;
    readonly datasource: { readonly uid: string };
    readonly targets: readonly { readonly expr: string }[];
  }
  const { panels } = JSON.parse(await read('deploy/grafana/imdb.json')) as { panels: readonly Panel[] };

  for (const { title, datasource, targets } of panels) {
    expect(title).toMatch(/^[A-Z]/);
    expect(datasource.uid).toBe('${datasource}');
    expect(targets.flatMap(({ expr }) => metricsIn(expr))).not.toEqual([]);
  }
});

const run = promisify(execFile);
const hasPromtool = await run('promtool', ['--version']).then(
  () => true,
  () => false,
);

test.skipIf(!hasPromtool)('promtool accepts the settings and alerts; each alert fires', async () => {
  const cwd = fileURLToPath(new URL('deploy/prometheus', ROOT));

  await expect(run('promtool', ['check', 'config', 'prometheus.yml'], { cwd })).resolves.toBeDefined();
  await expect(run('promtool', ['test', 'rules', 'alerts.test.yml'], { cwd })).resolves.toBeDefined();
});
