import { describeDrift, hasDrifted, type ColumnDrift } from '../../domain/dataset/quality/drift.ts';
import type { DriftHistograms } from '../../domain/dataset/quality/histogram.ts';
import { figure, HALF_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, share, significant } from '../numbers.ts';
import type { Layer } from '../plot.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';

/** Each takes some dozens of milliseconds to draw. */
const MAX_FIGURES = 6;

export const drift: Section = {
  id: 'drift',
  title: 'Data against the champion’s',
  async body({ result, histograms }, draw) {
    const { drift: found } = result;
    const shown = found.columns.slice(0, MAX_FIGURES);
    const figures: Html[] = [];
    for (const [i, column] of shown.entries()) {
      const histogram = histograms[i];
      if (histogram) figures.push(await distributions(i, column, histogram, draw));
    }
    return html`<p>${sentence(describeDrift(found))}</p>
      ${found.columns.length === 0 ? [] : comparison(found.columns, found.compared)}
      ${figures.length === 0 ? [] : html`<div class="pair">${figures}</div>`}`;
  },
};

function comparison(columns: readonly ColumnDrift[], compared: number): Html {
  const more = compared - columns.length;
  return html`${table(
      'Rows kept today against those of the champion’s dataset; the column closest to its limit, or furthest above, first',
      ['Column', 'PSI', 'Limit', 'Drifted', 'KS', 'Rows', 'Mean', 'No number'].map((label, i) => ({
        label,
        isNumber: i > 0 && label !== 'Drifted',
      })),
      columns.map((column) => {
        const { before, now } = column;
        return [
          column.column,
          column.psi.toFixed(3),
          column.limit.toFixed(2),
          hasDrifted(column) ? 'yes' : 'no',
          column.ks.toFixed(3),
          `${count(before.rows)} → ${count(now.rows)}`,
          `${significant(before.mean)} → ${significant(now.mean)}`,
          `${missing(before.missing)} → ${missing(now.missing)}`,
        ];
      }),
    )}
    <p class="note">
      ${more > 0 ? `${count(more)} more columns are closer to the champion’s. ` : ''}PSI: population stability
      index over the deciles of the champion’s rows. KS: Kolmogorov–Smirnov statistic, the largest difference
      between the cumulative shares. The limit is quality.maxPsi, or the PSI that chance explains with so few
      rows.
    </p>`;
}

function distributions(
  index: number,
  { column, psi }: ColumnDrift,
  { bounds, before, now }: DriftHistograms[number],
  draw: DrawPlot,
): Promise<Html> {
  const steps = (shares: readonly number[]): Layer & { mark: 'line' } => ({
    mark: 'line',
    hue: 'first',
    at: shares.flatMap((y, bin) => [bounds[bin] as number, bounds[bin + 1] as number].map((x) => ({ x, y }))),
  });
  return figure(
    `drift-${index}`,
    {
      title: `${column}, PSI ${psi.toFixed(2)}`,
      description: `Share of rows in ${before.length} bins from ${significant(bounds[0] ?? 0)} to ${significant(bounds.at(-1) ?? 0)}, of the champion’s dataset and of today’s.`,
      width: HALF_WIDTH,
      height: 200,
      x: { title: column },
      y: { title: 'share of rows' },
      layers: [
        {
          mark: 'boxes',
          hue: 'second',
          boxes: before.flatMap((y, bin) =>
            y > 0
              ? [{ x: [bounds[bin] as number, bounds[bin + 1] as number] as const, y: [0, y] as const }]
              : [],
          ),
        },
        steps(now),
      ],
    },
    draw,
    [
      { hue: 'second', label: 'champion’s' },
      { hue: 'first', label: 'today’s' },
    ],
  );
}

function missing(part: number | null): string {
  return part === null ? '?' : share(part, 1);
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
