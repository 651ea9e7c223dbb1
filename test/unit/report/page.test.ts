import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { nodeDigests } from '../../../src/adapters/digests.ts';
import { drawPlot } from '../../../src/adapters/vega/draw.ts';
import { renderPage } from '../../../src/report/page.ts';
import type { ReportData } from '../../../src/report/report-data.ts';
import { MAX_POINTS } from '../../../src/report/split-errors.ts';
import { reportDataOf, splitErrorsOf } from '../../support/unit/report-data.ts';

function render(data: ReportData): Promise<string> {
  return renderPage(data, { draw: drawPlot, sha256: (text) => nodeDigests.sha256(text) });
}

const SCRIPT = '<script>alert(1)</script>';
const BREAKOUT =
  '"\'></title></style></svg></textarea>--><img src=x onerror=alert(1)><script>alert(1)</script>';

describe('a report page', () => {
  test.for<[what: string, names: Parameters<typeof reportDataOf>[0]]>([
    ['a film', { title: SCRIPT }],
    ['a film that breaks out of everything', { title: BREAKOUT }],
    ['a column', { feature: BREAKOUT }],
    ['the target', { target: BREAKOUT }],
    ['a workflow id', { workflowId: BREAKOUT }],
    ['any other text of a user or a file', { text: BREAKOUT }],
  ])('is harmless whatever it shows: %s', async ([, names]) => {
    const page = await render(reportDataOf(names));
    const harmless = await render(reportDataOf());
    const tagsOf = (text: string): string[] =>
      [...new Set([...text.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, name]) => name as string))].sort();

    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(tagsOf(page)).toEqual(tagsOf(harmless));
    expect(page.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son\w+\s*=/i);
  });

  test('shows a column’s name in its plots, as text', async () => {
    const page = await render(reportDataOf({ feature: SCRIPT }));
    const plots = [...page.matchAll(/<svg.*?<\/svg>/gs)].map(([plot]) => plot);

    expect(
      plots.filter((plot) => plot.includes('>&lt;script&gt;alert(1)&lt;/script&gt;</text>')),
    ).toHaveLength(4);
  });

  test('says how many of the rows a sampled training used', async () => {
    expect(await render(reportDataOf())).toContain('300 of 320 rows (forest.maxRows)');
  });

  test('runs no script and requests nothing', async () => {
    const page = await render(reportDataOf());
    const hrefs = [...page.matchAll(/<(\w+)[^>]*\s(?:xlink:)?href="([^"]*)"/g)];

    expect(page).not.toMatch(/<script|<link|<iframe|<object|<embed|<base|<img|<image|<form|javascript:/i);
    expect(page).not.toMatch(/\s(src|srcset|action|ping|background)=|url\(|@import|\sstyle=/i);
    for (const [, tag, target] of hrefs) {
      expect(tag).toBe('a');
      expect(target).toMatch(/^(#[a-z]+$|http:\/\/localhost:8233\/)/);
    }
  });

  test('has a policy that allows its own style sheet only', async () => {
    const page = await render(reportDataOf());
    const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text]) => text as string);

    expect(styles).toHaveLength(1);
    const hash = createHash('sha256')
      .update(styles[0] as string)
      .digest('base64');
    expect(policy?.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
  });

  test('has every section, a plot or a table in each, and a link to each', async () => {
    const page = await render(reportDataOf());
    const sections = [...page.matchAll(/<section id="(\w+)".*?<\/section>/gs)];

    expect(sections.map(([, id]) => id)).toEqual([
      'summary',
      'predictions',
      'residuals',
      'importances',
      'learning',
      'champion',
      'dataset',
      'drift',
      'throughput',
      'lineage',
    ]);
    for (const [section, id] of sections) {
      expect(section).toMatch(/<svg|<table/);
      expect(page).toContain(`<a href="#${id}">`);
    }
  });

  test('describes each plot in words, and names each table', async () => {
    const page = await render(reportDataOf());
    const plots = [...page.matchAll(/<svg\s+role="img"\s+aria-labelledby="([\w-]+) ([\w-]+)"/g)];

    expect(plots).toHaveLength(page.split('<svg').length - 1);
    expect(plots.length).toBeGreaterThanOrEqual(9);
    for (const [, title, description] of plots) {
      expect(page).toMatch(new RegExp(`<title id="${title}">[^<]+</title>`));
      expect(page).toMatch(new RegExp(`<desc id="${description}">[^<]+</desc>`));
    }
    expect(page.match(/<table>\s*<caption>\s*\S/g)).toHaveLength(page.split('<table>').length - 1);
    const ids = [...page.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is the same, to the byte, for the same run', async () => {
    expect(await render(reportDataOf())).toBe(await render(reportDataOf()));
  });

  test('of a large run stays small', async () => {
    const rows = 20 * MAX_POINTS;
    const page = await render(reportDataOf({}, rows));

    expect(page.length).toBeLessThan(1_500_000);
    expect(page).toMatch(/random sample of [\d,]+ of 19,999 rows/);
    expect(page).toContain('random sample of 1,000 of 20,000 rows');
  });

  test('names what the load found, and stays small with ten thousand columns', async () => {
    const full = reportDataOf();
    const features = Array.from({ length: 10_000 }, (_, i) => `feature ${i}`);
    const page = await render({
      ...full,
      result: {
        ...full.result,
        dataset: {
          ...full.result.dataset,
          features: [...features, 'votes'],
          dialect: { ...full.result.dataset.dialect, delimiter: ';', compression: 'gzip' },
          badRows: { count: 2, lines: [17, 39], first: '15 cells instead of 12' },
          notations: [{ column: 'votes', notation: 'thousands ","', sample: '27,651' }],
          leftOut: [{ column: 'oscars', reason: '97 % of its cells have no number', sample: '3' }],
          leftOutCount: 41,
          keyColumn: null,
          keyCandidates: ['title'],
        },
      },
    });
    const [section = ''] = /<section id="dataset".*?<\/section>/s.exec(page) ?? [];
    const text = section.replaceAll(/<[^>]+>|\s+/g, ' ').replaceAll(/ +/g, ' ');

    for (const fact of [
      'Written as semicolon, gzip',
      'Key none, a hash identifies a row; dataset.key could be title',
      'Bad rows 2 at lines 17, 39; the first: 15 cells instead of 12',
      'Dropped: an unreadable cell 1 0.2%',
      'the first 100 of 10,002',
      'votes 100.0% 0 0 thousands &quot;,&quot;: 27,651',
      'Columns left out, the first 1 of 41',
      'oscars 97 % of its cells have no number 3',
    ]) {
      expect(text).toContain(fact);
    }
    expect(section.length).toBeLessThan(100_000);
  });

  test('is complete without a learning curve, ratings or dropped rows', async () => {
    const full = reportDataOf();
    const { skipped: _skipped, ...result } = full.result;
    const page = await render({
      ...full,
      result: {
        ...result,
        dataset: { ...result.dataset, gaps: [], leftOut: [], leftOutCount: 0 },
        quality: {
          ...result.quality,
          outOfBag: null,
          importances: [],
          permutationImportances: [],
          learning: [],
        },
        metrics: { ...result.metrics, stream: null },
      },
      lineage: { ...full.lineage, commit: null, throughput: [] },
      stream: splitErrorsOf([{ rowId: 2, title: 'Alien', actual: null, predicted: 6 }]),
    });

    expect(page).toContain('Every training row was in every bag');
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('shows no undefined number', async () => {
    expect(await render(reportDataOf())).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });
});
