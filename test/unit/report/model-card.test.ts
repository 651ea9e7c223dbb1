import { describe, expect, test } from 'vitest';
import { modelCard } from '../../../src/report/model-card.ts';
import { reportDataOf } from '../../support/unit/report-data.ts';

const SECTIONS = [
  'Data',
  'Features',
  'Metrics',
  'Feature importance',
  'Champion and challenger',
  'Drift',
  'Limits of use',
  'Lineage',
];

describe('a model card', () => {
  test('has every section, in order', () => {
    const headings = [...modelCard(reportDataOf()).matchAll(/^## (.*)$/gm)].map(([, title]) => title);

    expect(headings).toEqual(SECTIONS);
  });

  test('shows the metrics of each split, with intervals and how rows are grouped', () => {
    const card = modelCard(reportDataOf());

    expect(card).toContain('| Batch split | 40 | 0.700 | 0.500 | 0.500 |');
    expect(card).toContain('| 95 % interval |  | 0.650 to 0.750 | 0.450 to 0.550 | 0.400 to 0.600 |');
    expect(card).toContain('| Stream split | 40 |');
    expect(card).toContain('Rows are grouped by text');
  });

  test('says where rows without a key may have been seen in training', () => {
    const { result, lineage } = reportDataOf();
    const card = modelCard({
      result: { ...result, dataset: { ...result.dataset, keyColumn: null } },
      lineage,
    });

    expect(card).toContain('another version of the same film may be a training row');
  });

  test('names what it was made from', () => {
    const card = modelCard(reportDataOf({ workflowId: 'nightly' }));

    for (const fact of ['nightly', 'd'.repeat(64), 'e'.repeat(64), 'imdb-temporal 0.2.0', '300 rows']) {
      expect(card).toContain(fact);
    }
  });

  test('shows names of a file as text, whatever is in them', () => {
    const name = '| x |\n## Drift\n<script>';
    const plain = modelCard(reportDataOf());
    const card = modelCard(reportDataOf({ feature: name, target: name, text: name, workflowId: name }));

    expect(card.split('\n')).toHaveLength(plain.split('\n').length);
    expect(card).not.toMatch(/(^|[^\\])<script/);
  });

  test('is complete without a champion, stream ratings or out-of-bag rows', () => {
    const { result, lineage } = reportDataOf();
    const none = { count: 0, names: [] };
    const card = modelCard({
      result: {
        ...result,
        drift: { champion: null, compared: 0, drifted: 0, columns: [], gone: none, added: none },
        quality: { ...result.quality, outOfBag: null },
        promotion: { ...result.promotion, champion: null, comparison: null },
        metrics: { ...result.metrics, stream: null },
      },
      lineage: { ...lineage, commit: null },
    });

    expect(card).not.toMatch(/NaN|undefined|null|Infinity/);
  });
});
