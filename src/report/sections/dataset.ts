import type { PipelineResult } from '../../domain/run/step-results.ts';
import { figure, FULL_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, share } from '../numbers.ts';
import type { Plot } from '../plot.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';

type Dataset = PipelineResult['dataset'];

/** More bars would be unreadable; the table lists all columns. */
const MAX_BARS = 20;

export const dataset: Section = {
  id: 'dataset',
  title: 'Data kept and dropped',
  async body({ result: { dataset: read, rows, published, consumed } }, draw) {
    const { source, gaps, leftOut } = read;
    return html`<p>
        ${count(rows.kept)} of ${count(rows.loaded)} rows of ${source.path} were kept
        (${share(rows.kept, rows.loaded)}). A row is dropped when a used column holds no finite number.
      </p>
      ${gaps.length === 0 ? [] : await gapsFigure(read, draw)} ${gapsTable(read, rows.loaded)}
      ${leftOut.length === 0 ? [] : html`<p class="note">Not used: ${leftOut.map(({ column }) => column).join(', ')}.</p>`}
      ${table(
        'Rows by split',
        ['Rows', 'Number', 'Of all', 'Published', 'Read back'].map((label, i) => ({
          label,
          isNumber: i > 0,
        })),
        [
          ['Train', count(rows.train), share(rows.train, rows.loaded), '', ''],
          [
            'Batch',
            count(rows.batch),
            share(rows.batch, rows.loaded),
            count(published.batch),
            count(consumed.batch),
          ],
          [
            'Stream',
            count(rows.stream),
            share(rows.stream, rows.loaded),
            count(published.stream),
            count(consumed.stream),
          ],
          ['Dropped', count(rows.dropped), share(rows.dropped, rows.loaded), '', ''],
          ['All', count(rows.loaded), share(rows.loaded, rows.loaded), '', ''],
        ],
      )}`;
  },
};

function gapsFigure({ gaps }: Dataset, draw: DrawPlot): Promise<Html> {
  const shown = gaps.slice(0, MAX_BARS);
  const [first] = shown;
  const plot: Plot = {
    title: gaps.length > MAX_BARS ? `The ${MAX_BARS} columns with the most gaps` : 'Columns with gaps',
    description: `Bars of ${shown.length} columns; ${first?.column} has the most gaps: ${first && first.missing + first.unreadable}.`,
    width: FULL_WIDTH,
    height: 60 + 24 * shown.length,
    x: { title: 'rows', isWhole: true },
    y: { title: '', names: shown.map(({ column }) => column) },
    layers: [
      {
        mark: 'bars',
        hue: 'first',
        bars: shown.map(({ column, missing }) => ({ name: column, x: [0, missing] })),
      },
      {
        mark: 'bars',
        hue: 'second',
        bars: shown.map(({ column, missing, unreadable }) => ({
          name: column,
          x: [missing, missing + unreadable],
        })),
      },
    ],
  };
  return figure('gaps', plot, draw, [
    { hue: 'first', label: 'empty' },
    { hue: 'second', label: 'not a number' },
  ]);
}

function gapsTable({ features, target, gaps }: Dataset, loaded: number): Html {
  const clean = [...features, target].filter((name) => !gaps.some(({ column }) => column === name));
  const none = clean.map((column) => ({ column, missing: 0, unreadable: 0, firstUnreadable: undefined }));
  return table(
    'Used columns. A row with gaps in two columns counts in both',
    [
      { label: 'Column' },
      { label: 'Kept', isNumber: true },
      { label: 'Empty', isNumber: true },
      { label: 'Not a number', isNumber: true },
      { label: 'First cell that is not a number' },
    ],
    [...gaps, ...none].map(({ column, missing, unreadable, firstUnreadable: example }) => [
      column === target ? `${column} (target)` : column,
      share(loaded - missing - unreadable, loaded),
      count(missing),
      count(unreadable),
      example ? `row ${example.row}: ${example.text}` : '',
    ]),
  );
}
