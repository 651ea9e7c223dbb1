import type { ModelComparison } from '../../domain/registry/model-registry.ts';
import { figure, FULL_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { count, fixed, signed } from '../numbers.ts';
import type { Section } from '../section.ts';
import { facts } from '../table.ts';

export const champion: Section = {
  id: 'champion',
  title: 'Champion and challenger',
  async body({ result: { promotion, model } }, draw) {
    const { comparison, change, reason, champion: serves } = promotion;
    return html`<p>${`Model ${model.version} of ${promotion.model}: ${change}: ${reason}.`}</p>
      ${comparison ? await comparisonFigure(comparison, draw) : []}
      ${facts('How the model was compared', [
        ['Registry', promotion.model],
        ['Outcome', change],
        ['Champion from now on', serves ?? 'no model'],
        ...(comparison ? compared(comparison) : []),
      ])}`;
  },
};

function compared(comparison: ModelComparison): readonly (readonly [string, string])[] {
  const { champion: name, rows, challengerRmse, championRmse, difference, interval, margin } = comparison;
  return [
    ['Compared with', `${name}, on the same ${count(rows)} rows of the batch split`],
    ['RMSE of the challenger', fixed(challengerRmse, 4)],
    ['RMSE of the champion', fixed(championRmse, 4)],
    [
      'Difference',
      `${signed(difference, 4)}, 95 % interval ${signed(interval[0], 4)} to ${signed(interval[1], 4)}`,
    ],
    ['Margin', `the upper end may be at most ${signed(margin, 4)}`],
  ];
}

function comparisonFigure({ difference, interval, margin }: ModelComparison, draw: DrawPlot): Promise<Html> {
  const name = 'difference';
  return figure(
    'comparison',
    {
      title: 'RMSE of the challenger minus RMSE of the champion',
      description: `A point at ${signed(difference, 4)} with an interval from ${signed(interval[0], 4)} to ${signed(interval[1], 4)}, a line at 0 and one at the margin ${signed(margin, 4)}. Left of 0 the challenger is better.`,
      width: FULL_WIDTH,
      height: 120,
      x: { title: 'difference in RMSE, with its 95 % interval' },
      y: { title: '', names: [name] },
      layers: [
        { mark: 'rule', hue: 'ink', x: 0 },
        { mark: 'rule', hue: 'second', x: margin },
        { mark: 'bars', hue: 'first', isThin: true, bars: [{ name, x: interval }] },
        { mark: 'points', hue: 'first', isLarge: true, at: [{ x: difference, y: name }] },
      ],
    },
    draw,
    [
      { hue: 'first', label: 'this run’s model' },
      { hue: 'second', label: 'margin' },
      { hue: 'ink', label: 'equal' },
    ],
  );
}
