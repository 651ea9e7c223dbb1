import { figure, FULL_WIDTH, type DrawPlot } from '../figure.ts';
import { html, type Html } from '../html.ts';
import { fixed, share } from '../numbers.ts';
import type { Section } from '../section.ts';
import { table } from '../table.ts';
import type { FeatureImportance } from '../../domain/model/model.ts';
import type { PermutationImportance } from '../../domain/model/permutation-importance.ts';

export const importances: Section = {
  id: 'importances',
  title: 'Feature importance',
  async body({ result: { quality } }, draw) {
    const { permutationImportances: permutation, importances: impurity } = quality;
    const shareOf = new Map(impurity.map(({ feature, importance }) => [feature, importance]));
    const decreaseOf = new Map(permutation.map((found) => [found.feature, found]));
    const features = [...new Set([...decreaseOf.keys(), ...shareOf.keys()])];
    return html`<p>
        Permutation importance is the R² that the model loses on unseen rows when a feature is shuffled.
        Impurity importance adds up the gain of all splits on the training rows; it favours features with many
        values.
      </p>
      ${permutation.length === 0 ? [] : await permutationFigure(permutation, draw)}
      ${impurity.length === 0 ? [] : await impurityFigure(impurity, draw)}
      ${table(
        'The most important features',
        [
          { label: 'Feature' },
          { label: 'R² lost when shuffled', isNumber: true },
          { label: '± over the repeats', isNumber: true },
          { label: 'Share of impurity', isNumber: true },
        ],
        features.map((feature) => {
          const found = decreaseOf.get(feature);
          const part = shareOf.get(feature);
          return [
            feature,
            found ? fixed(found.mean) : '',
            found ? fixed(found.std) : '',
            part === undefined ? '' : share(part, 1),
          ];
        }),
      )}`;
  },
};

function permutationFigure(found: readonly PermutationImportance[], draw: DrawPlot): Promise<Html> {
  const [first] = found;
  return figure(
    'permutation',
    {
      title: 'Permutation importance, batch split',
      description: `Bars: the R² lost when a feature is shuffled, with the standard deviation over the repeats. Largest: ${first?.feature}, ${first && fixed(first.mean)}.`,
      ...shape(
        found.map(({ feature }) => feature),
        'decrease of R²',
      ),
      layers: [
        {
          mark: 'bars',
          hue: 'first',
          bars: found.map(({ feature, mean }) => ({ name: feature, x: [0, mean] })),
        },
        {
          mark: 'bars',
          hue: 'ink',
          isThin: true,
          bars: found.map(({ feature, mean, std }) => ({ name: feature, x: [mean - std, mean + std] })),
        },
      ],
    },
    draw,
  );
}

function impurityFigure(found: readonly FeatureImportance[], draw: DrawPlot): Promise<Html> {
  const [first] = found;
  return figure(
    'impurity',
    {
      title: 'Impurity importance, training rows',
      description: `Bars: share of the gain of all splits. Largest: ${first?.feature}, ${first && share(first.importance, 1)}.`,
      ...shape(
        found.map(({ feature }) => feature),
        'share of the decrease in impurity',
      ),
      layers: [
        {
          mark: 'bars',
          hue: 'third',
          bars: found.map(({ feature, importance }) => ({ name: feature, x: [0, importance] })),
        },
      ],
    },
    draw,
  );
}

function shape(names: readonly string[], title: string) {
  return { width: FULL_WIDTH, height: 60 + 22 * names.length, x: { title }, y: { title: '', names } };
}
