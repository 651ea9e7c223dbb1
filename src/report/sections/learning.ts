import { figure, WIDE_WIDTH } from '../figure.ts';
import { html } from '../html.ts';
import { count, fixed } from '../numbers.ts';
import type { Plot } from '../plot.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';

export const learning: Section = {
  id: 'learning',
  title: 'Learning curve',
  async body({ result: { quality, model } }, draw) {
    const { learning: points } = quality;
    const last = points.at(-1);
    if (!last) return html`<p>Every training row was in every bag, so there is no out-of-bag error.</p>`;
    const half = points.find(({ trees }) => trees * 2 >= last.trees) ?? last;
    const plot: Plot = {
      title: 'Out-of-bag error by number of trees',
      description: `A line that falls from ${fixed(points[0]?.rmse ?? 0)} with ${count(points[0]?.trees ?? 0)} to ${fixed(last.rmse)} with ${count(last.trees)} trees.`,
      width: WIDE_WIDTH,
      height: 460,
      x: { title: 'trees', isWhole: true },
      y: { title: `RMSE of ${model.target}, out of bag` },
      layers: [
        { mark: 'line', hue: 'first', at: points.map(({ trees, rmse }) => ({ x: trees, y: rmse })) },
        {
          mark: 'points',
          hue: 'first',
          isLarge: true,
          at: points.map(({ trees, rmse }) => ({ x: trees, y: rmse })),
        },
      ],
    };
    return html`<p>
        The out-of-bag RMSE is ${fixed(half.rmse)} with ${count(half.trees)} trees and ${fixed(last.rmse)}
        with ${count(last.trees)}. Where the line is flat, more trees cost time and gain nothing. With few
        trees, it covers only the rows that are missing from at least one bag.
      </p>
      <div class="beside">
        ${await figure('learning', plot, draw)}
        ${table(
          'RMSE by trees',
          [
            { label: 'Trees', isNumber: true },
            { label: 'RMSE', isNumber: true },
          ],
          points.map(({ trees, rmse }) => [count(trees), fixed(rmse, 4)]),
        )}
      </div>`;
  },
};
